"""The parts of the quarterly report, each made from the evidence by one file, after disclosure control."""
