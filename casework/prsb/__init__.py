"""Social prescribing messages after the PRSB standard, version 1.1 of January 2023: full record, referral, message.

The schemas are our own, written after the headings of the standard; compare them with the publisher's files
before a message is sent to another system by machine.
"""
