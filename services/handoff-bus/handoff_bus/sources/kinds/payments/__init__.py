"""What the kinds of payment sources share: sums, moments, bodies and names of leads as such systems write them."""
