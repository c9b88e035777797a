"""Name tags: another product, made of two of SoSa's services and a page of its own."""
