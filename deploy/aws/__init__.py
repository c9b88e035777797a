"""What runs SoSa on AWS: templates generated from contracts and manifests, and zips of functions.

python -m deploy.aws            write the templates where they are committed
python -m deploy.aws --split F  the same with one function for each operation, into folder F
python -m deploy.aws package    make the zips, into .build/aws/zips
"""
