"""What a distribution can add to authconform: a check, a mechanism, a lifecycle verb."""
