"""What happens over time: how long people keep attending, who comes back after support, and intake by intake."""
