"""One session followed over a connection: its replica, and its commands until their outcome."""
