"""Referrals: the clock until the first contact, whom a referral is about, and the door for those without an account."""
