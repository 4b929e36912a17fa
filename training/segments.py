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
    """Segments of the clips with their mels, which are cut from the whole clip's, so that a segment's edges sound like its middle.

    DATA/aligned/ID.pt, where teacher_forced.py has left them, take the place of the clip's own mel in `aligned_share` of the batch.
    """

    def __init__(self, folder, segment, aligned_share, device):
        self.frames, self.device, self.share = segment // audio.HOP, device, aligned_share
        self.folder, self.known = folder, set()
        self.held, self.clips, self.aligned = [], [], {}  # (name, samples), (name, samples), mels by name
        self.take_in()

    def take_in(self):
        """Read the clips and aligned mels that have appeared since; the first eight clips are held out."""
        for path in sorted(glob.glob(os.path.join(self.folder, 'wav', '*.wav'))):
            x = None if path in self.known else data.read_wav(path)
            if x is None or len(x) < (self.frames + 4) * audio.HOP: continue
            self.known.add(path)
            clip = (os.path.basename(path)[:-4], torch.from_numpy(x.copy()[:len(x) // audio.HOP * audio.HOP]))
            (self.held if len(self.held) < 8 else self.clips).append(clip)
        for path in glob.glob(os.path.join(self.folder, 'aligned', '*.pt')):
            name = os.path.basename(path)[:-3]
            if name not in self.aligned: self.aligned[name] = weights.load_file(path)

    def hours(self):
        return sum(len(x) for _, x in self.clips) / audio.SR / 3600

    def aligned_mel(self, name, x):
        """[80, F], or None where there is none with the frames of x."""
        made = self.aligned.get(name)
        return made if made is not None and made.size(1) == len(x) // audio.HOP else None

    def batch(self, size):
        """Mels [size, 80, F], and the samples they are of with those around them, [size, EDGE + 256 F + EDGE]."""
        sounds, made = [], {}
        for row, (name, x) in enumerate(random.choices(self.clips, k=size)):
            i = random.randrange(len(x) // audio.HOP - self.frames + 1)
            sounds.append(cut(x, i * audio.HOP - audio.EDGE, (i + self.frames) * audio.HOP + audio.EDGE))
            mel = self.aligned_mel(name, x)
            if mel is not None and random.random() < self.share: made[row] = mel[:, i:i + self.frames]
        sounds = torch.stack(sounds).to(self.device); mels = audio.log_mel_of(audio.magnitudes(sounds, audio.FLOOR))
        for row, mel in made.items(): mels[row] = mel.to(mels)
        return mels, sounds
