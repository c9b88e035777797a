"""Pictures and files: where their bytes lie, the links to them, and what is made of them.

store     where bytes lie: a folder of ours, or a bucket of S3 (`opening` chooses)
links     what lets a browser in, which cannot prove itself for each picture
developing, darkroom   what is in the bytes, and what may be shown of it
doors     what is HTTP in itself: bytes that come, and bytes that go
"""
