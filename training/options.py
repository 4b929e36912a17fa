"""Options that the trainers share; train_gpu.py reads its own before it loads PyTorch."""
import argparse


def dropout_times(text):
    """The trainers' --dropout, for argparse: with twice the published dropout nothing would be left of the encoder."""
    try:
        times = float(text)
    except ValueError:
        times = -1
    if not 0 <= times < 2: raise argparse.ArgumentTypeError(f'expected a number from 0 to below 2, found {text}')
    return times
