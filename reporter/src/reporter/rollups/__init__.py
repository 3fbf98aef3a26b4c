"""What a day becomes: sums in a few kilobytes that merge into weeks."""
