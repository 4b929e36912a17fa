"""Segments of clips with their mels, for what learns to make sound of a mel."""
import glob, os, random
import torch
from torch.nn import functional as F
import audio, data, weights


def cut(x, begin, end):
    """Samples begin to end of the 16-bit x as [end - begin] in [-1, 1]; beyond its ends x goes on mirrored, as audio.log_mel has it."""
    inside = x[max(begin, 0):end].float() / 32768
    before, after = max(-begin, 0), max(end - len(x), 0)
    return F.pad(inside[None, None], (before, after), mode='reflect')[0, 0] if before or after else inside


class Clips:
    """Segments of the clips with their mels; mels are of the whole clip, so that a segment's edges sound like its middle.

    DATA/aligned/ID.pt, where teacher_forced.py has left them, take the place of the clip's own mel in `aligned_share` of the batch.
    With `around`, a segment has that many samples more before and after it than its mel.
    """

    def __init__(self, folder, segment, aligned_share, device, around=0):
        self.frames, self.device, self.share, self.around = segment // audio.HOP, device, aligned_share, around
        self.folder, self.known = folder, set()
        self.held, self.clips, self.aligned = [], [], {}
        self.take_in()

    def take_in(self):
        """Read the clips and aligned mels that have appeared since; the first eight clips are held out."""
        for path in sorted(glob.glob(os.path.join(self.folder, 'wav', '*.wav'))):
            x = None if path in self.known else data.read_wav(path)
            if x is None or len(x) < (self.frames + 4) * audio.HOP: continue
            self.known.add(path); x = torch.from_numpy(x.copy()[:len(x) // audio.HOP * audio.HOP])
            clip = (os.path.basename(path)[:-4], x, data.features(x.numpy()))
            (self.held if len(self.held) < 8 else self.clips).append(clip)
        for path in glob.glob(os.path.join(self.folder, 'aligned', '*.pt')):
            name = os.path.basename(path)[:-3]
            if name not in self.aligned: self.aligned[name] = weights.load_file(path)

    def hours(self):
        return sum(len(x) for _, x, _ in self.clips) / audio.SR / 3600

    def aligned_of(self, clip):
        """The aligned mel of (name, samples, mel), or None where there is none of as many frames."""
        made = self.aligned.get(clip[0])
        return made if made is not None and made.shape == clip[2].shape else None

    def batch(self, size):
        """Mels [size, 80, F] and the samples they belong to, [size, around + 256 F + around]."""
        mels, reals = [], []
        for clip in random.choices(self.clips, k=size):
            _, x, mel = clip; made = self.aligned_of(clip)
            if made is not None and random.random() < self.share: mel = made
            i = random.randrange(mel.size(1) - self.frames + 1)
            mels.append(mel[:, i:i + self.frames].float())
            reals.append(cut(x, i * audio.HOP - self.around, (i + self.frames) * audio.HOP + self.around))
        return torch.stack(mels).to(self.device), torch.stack(reals).to(self.device)
