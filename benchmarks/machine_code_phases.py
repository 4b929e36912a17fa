#!/usr/bin/env python3
"""What a step of a persistent decoder's kernel is made of, phase by phase, from its machine code.

    machine_code_phases.py LISTING KERNEL [FOLDER]
    machine_code_phases.py artifacts/kernel-build/persistent_decoder_sm90.sm_90.sass persistent_cluster_1_5_8_f16

LISTING is what the build makes by `nvdisasm -hex -gi -c`, FOLDER where the sources are (kernels). Of every instruction in the step's loop the chain of inlined
calls says to which call of run() in persistent_step.cuh it belongs, and what that calls. A line has instructions, the sum of their stall counts (bits 41 to 44 of the second word; Jia and others,
arXiv:1804.06826), and those that wait for something: to the stall counts come 30 cycles a round of LDS, 24 a SHFL, 22 a MUFU, 35 a BAR, 270 a round of LDG
(assumed). Not every instruction is executed in a step: which, kernels/persistent-decoder.md estimates. Lines of no phase were moved out of their call.
"""
import collections
import pathlib
import re
import sys

WAITING = ("LDS", "STS", "LDG", "SHFL", "MUFU", "BAR", "HMMA")
INLINED = re.compile(r'\s*//## File "([^"]+)", line (\d+)')
FIRST_WORD = re.compile(r"\s*/\*([0-9a-f]+)\*/ (.*?) ;? ?/\* 0x[0-9a-f]+ \*/")
SECOND_WORD = re.compile(r"\s*/\* 0x([0-9a-f]+) \*/")


def instructions(listing, kernel):
    """(address, text, stall count, chain of (file, line), innermost first), and the addresses of labels."""
    found, labels, chain, first, is_kernel, is_new, waiting_labels = [], {}, [], None, False, False, []
    for line in open(listing):
        if line.startswith(".text."):
            is_kernel = line.strip() == f".text.{kernel}:"
        elif not is_kernel:
            continue
        elif label := re.match(r"\s*(\.L_x_\d+):", line):
            waiting_labels.append(label[1])
        elif place := INLINED.match(line):
            chain = [*([] if is_new else chain), (place[1], int(place[2]))]
            is_new = False
        elif word := FIRST_WORD.match(line):
            first = int(word[1], 16), word[2]
        elif (word := SECOND_WORD.match(line)) and first:
            labels.update(dict.fromkeys(waiting_labels, first[0]))
            waiting_labels = []
            found.append((*first, int(word[1], 16) >> 41 & 15, list(chain)))
            is_new = True
    return found, labels


def functions(folder):
    """The function that each line of the decoder's files is in, and run()'s lines with the phase that each calls."""
    inside, phases = {}, {}
    for path in pathlib.Path(folder).glob("persistent_*.cuh"):
        name = None
        for number, line in enumerate(open(path), 1):
            if definition := re.match(r"\s*(?:template.*)?__device__ __forceinline__ .*?(\w+)\(", line):
                name = definition[1]
            inside[path.name, number] = name
            if name == "run" and (call := re.search(r"(\w+)\(\)", line)) and call[1] != "run":
                phases[path.name, number] = call[1]
    return inside, phases


def main(listing, kernel, folder="kernels"):
    inside, phases = functions(folder)
    code, labels = instructions(listing, kernel)
    if not code:
        sys.exit(f"machine_code_phases.py: {listing} has no kernel {kernel}")

    def steps(chain):
        places = [(pathlib.PurePath(file).name, line) for file, line in chain]
        return [place for place in places if place in inside]

    # The step's loop: the longest backward branch over a phase.
    loop = (0, -1)
    for address, text, _, _ in code:
        target = labels.get((re.search(r"\.L_x_\d+", text) or [""])[0], address) if "BRA" in text else address
        holds_phase = any(line in phases for at, _, _, chain in code if target <= at <= address for line in steps(chain))
        if holds_phase and address - target > loop[1] - loop[0]:
            loop = target, address
    sums = {}
    for address, text, stall, chain in code:
        if loop[0] <= address <= loop[1]:
            lines = steps(chain)
            phase = next((phases[line] for line in lines if line in phases), "-")
            callee = inside[lines[-3]] if len(lines) > 2 else inside[lines[0]] if lines else "-"
            row = sums.setdefault((phase, callee), [0, 0, collections.Counter()])
            row[0], row[1] = row[0] + 1, row[1] + stall
            row[2][re.sub(r"^@!?U?P\w+ ", "", text).split()[0].split(".")[0]] += 1
    print(f"{kernel}: loop of {sum(row[0] for row in sums.values())} instructions")
    for (phase, callee), (count, stall, opcodes) in sums.items():
        waits = ", ".join(f"{opcodes[name]} {name}" for name in WAITING if opcodes[name])
        print(f"{phase:15} {callee:24} {count:5} instructions {stall:6} stalls  {waits}")


if __name__ == "__main__":
    main(*sys.argv[1:]) if len(sys.argv) in (3, 4) else sys.exit(__doc__)
