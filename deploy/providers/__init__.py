"""A pretended Google, Reddit and imgur, for tests and laptops. Never for a house with members.

They are real servers: OAuth 2 by Authlib, consent pages, signed tokens. Whoever reaches them may
say to be anyone, which is why nothing of this is imported by a service.
"""
