"""What a run has shown: the run file, and every report as a pure function of it."""
