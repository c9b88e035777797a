"""A crowd of bots that talks, so that the rooms of a fresh house look alive."""
