"""Wrong answers that no catalogue of known mistakes holds, as students might hand them in."""
