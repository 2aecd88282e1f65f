"""What pages of governance need fetched."""
