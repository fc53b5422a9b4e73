"""What operators see: Prometheus metrics, jupyter_events, the log. It only reads the hub."""
