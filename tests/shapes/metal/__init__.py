"""Machines of one's own: Debians that boot in containers, set up over SSH as an operator would."""
