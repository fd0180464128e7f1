"""What can be said of time: pure functions from instants to intervals."""
