"""The pure heart: bundles, judging, diagnosis, scores, errors carried forward."""
