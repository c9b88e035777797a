"""What runs SoSa as functions on AWS: templates generated from contracts and manifests.

python -m deploy.aws            write them where they are committed
python -m deploy.aws --split F  the same with one function for each operation, into folder F
"""
