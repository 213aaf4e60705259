import hashlib
import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from tiny_scenarios import TRUSTED, decay, drift

from neuralpde.data import DataFileError, Shard, TrajectoryFile, generate
from neuralpde.data.blocks import BlockStore

SIZE = 10  # blocks of four: the last one is cut


@pytest.fixture(autouse=True)
def no_bar(monkeypatch):
    monkeypatch.setenv("TERM", "dumb")


def sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def reference(tmp_path_factory) -> Path:
    return generate(decay(), tmp_path_factory.mktemp("reference") / "train.h5", size=SIZE, workers=0)


def test_content_is_that_of_the_scenario(reference):
    file, scenario = TrajectoryFile(reference), decay()
    assert (file.num_trajectories, file.num_frames, file.fields) == (SIZE, 12, ("u",))
    # In blocks, as they were made: the last bits may depend on the batch.
    expected = torch.cat([scenario.solve(scenario.draw(0, range(first, first + 4))) for first in (0, 4, 8)])[:SIZE].float()
    assert torch.equal(file.read(range(SIZE)), expected)
    assert torch.equal(file.column("beta"), scenario.draw(0, range(SIZE)).coefficients["beta"])


def test_nothing_else_is_left(reference):
    assert list(reference.parent.iterdir()) == [reference]


def test_same_bytes_for_any_number_of_workers(reference, tmp_path):
    assert sha(generate(decay(), tmp_path / "train.h5", size=SIZE, workers=2)) == sha(reference)


def test_automatic_workers(reference, tmp_path, monkeypatch):
    monkeypatch.setattr("neuralpde.data.generation._in_processes", lambda *_: pytest.fail("not worth it"))
    assert sha(generate(decay(), tmp_path / "train.h5", size=SIZE)) == sha(reference)


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 1, 2)])
def test_same_content_for_shards_in_any_order(reference, tmp_path, order):
    path = tmp_path / "train.h5"
    for number in order:
        assert not path.exists()
        made = generate(decay(), path, size=SIZE, workers=0, shard=Shard(number, 3))
    assert made == path
    merged, plain = TrajectoryFile(path, trusted=TRUSTED), TrajectoryFile(reference)
    assert merged.fingerprint() == plain.fingerprint()
    assert torch.equal(merged.read([9, 0, 5]), plain.read([9, 0, 5]))
    assert torch.equal(merged.draw([9]).coefficients["beta"], plain.column("beta")[9:])


def test_two_shards_have_the_same_content_too(reference, tmp_path):
    for number in (1, 2):
        generate(decay(), tmp_path / "train.h5", size=SIZE, workers=0, shard=Shard(number, 2))
    assert TrajectoryFile(tmp_path / "train.h5").fingerprint() == TrajectoryFile(reference).fingerprint()


def test_a_longer_file_begins_with_a_shorter_one(reference, tmp_path):
    longer = TrajectoryFile(generate(decay(), tmp_path / "train.h5", size=15, workers=0))
    assert torch.equal(longer.read(range(SIZE)), TrajectoryFile(reference).read(range(SIZE)))


def test_splits_and_seeds_differ(reference, tmp_path):
    other = TrajectoryFile(generate(decay(), tmp_path / "test.h5", size=4, split="test", workers=0))
    seeded = TrajectoryFile(generate(decay(), tmp_path / "train.h5", size=4, seed=1, workers=0))
    frames = [TrajectoryFile(reference).read([0]), other.read([0]), seeded.read([0])]
    assert not torch.equal(frames[0], frames[1]) and not torch.equal(frames[0], frames[2])


def test_fields_and_flags_of_a_pair(tmp_path):
    file = TrajectoryFile(generate(drift(), tmp_path / "train.h5", size=4, workers=0))
    assert file.fields == ("u", "v") and file.read([0, 1]).shape == (2, 5, 2, 8)
    assert {"bc_left", "bc_right", "speed", "initial.centre"} <= set(file.coefficient_names)


CHILD = """
import sys
from neuralpde.data import generate
from tiny_scenarios import decay
if __name__ == "__main__":
    generate(decay(), sys.argv[1], size=10, workers=int(sys.argv[2]))
"""


def child(tmp_path, workers: int, sleep: float) -> subprocess.Popen:
    script = tmp_path / "child.py"
    script.write_text(CHILD)
    paths = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]
    environment = {**os.environ, "TINY_SLEEP": str(sleep), "PYTHONPATH": os.pathsep.join(paths)}
    return subprocess.Popen([sys.executable, str(script), str(tmp_path / "train.h5"), str(workers)], env=environment, stderr=subprocess.PIPE, text=True)


def wait_for(condition, seconds=100.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize("workers", [0, pytest.param(2, marks=pytest.mark.slow)])
def test_sigkill_and_the_same_call_again(reference, tmp_path, workers):
    process = child(tmp_path, workers, sleep=0.5 if workers == 0 else 20.0)
    folder = BlockStore(decay(), 0, "train", tmp_path / "train.h5").folder
    if workers == 0:
        wait_for(lambda: any(folder.glob("block-*.npz")))
    else:
        wait_for(lambda: len(children(process.pid)) >= 2)
    offspring = children(process.pid)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in offspring))  # workers do not outlive their parent
    assert not (tmp_path / "train.h5").exists()
    finished = {path: path.stat().st_mtime_ns for path in folder.glob("block-*.npz")}
    assert len(finished) < 3
    (folder / "block-000002.npz.77.part").write_bytes(b"half")
    assert sha(generate(decay(), tmp_path / "train.h5", size=SIZE, workers=0)) == sha(reference)
    assert not folder.exists()


def children(pid: int) -> list[int]:
    try:
        return [int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()]
    except OSError:
        return []


def test_finished_blocks_are_not_computed_again(reference, tmp_path, monkeypatch):
    store = BlockStore(decay(), 0, "train", tmp_path / "train.h5")
    store.folder.mkdir(parents=True)
    for block in (0, 2):
        store.make(block)
    store.path(2).write_bytes(store.path(2).read_bytes()[:100])  # as after a power cut
    computed = []
    original = BlockStore.compute
    monkeypatch.setattr(BlockStore, "compute", lambda self, block: computed.append(block) or original(self, block))
    assert sha(generate(decay(), tmp_path / "train.h5", size=SIZE, workers=0)) == sha(reference)
    assert computed == [1, 2]


def test_interrupted_assembly(reference, tmp_path, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("neuralpde.data.assembly._create", interrupted)
        generate(decay(), tmp_path / "train.h5", size=SIZE, workers=0)
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == []
    monkeypatch.setattr(BlockStore, "compute", lambda *_: pytest.fail("computed again"))
    assert sha(generate(decay(), tmp_path / "train.h5", size=SIZE, workers=0)) == sha(reference)


@pytest.mark.parametrize("limit", [3000, 8000])  # a block file needs more than the first, the data file more than the second
def test_full_disk(reference, tmp_path, limit):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        with pytest.raises(OSError, match=r"generate: could not write .*train\.h5 \(.*\); make room or choose another root; \d of 3 finished blocks are kept"):
            generate(decay(), tmp_path / "train.h5", size=SIZE, workers=0)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [path for path in tmp_path.rglob("*") if path.suffix in (".h5", ".part")] == []
    kept = list(tmp_path.rglob("block-*.npz"))
    assert len(kept) == (0 if limit == 3000 else 3)
    assert sha(generate(decay(), tmp_path / "train.h5", size=SIZE, workers=0)) == sha(reference)


def test_diverged_trajectories_are_named_and_invalid(tmp_path, caplog):
    scenario = decay(explode_above=0.5)
    file = TrajectoryFile(generate(scenario, tmp_path / "train.h5", size=SIZE, workers=0))
    good = (scenario.draw(0, range(SIZE)).coefficients["beta"] <= 0.5).nonzero()[:, 0]
    bad = sorted(set(range(SIZE)) - set(good.tolist()))
    assert bad and torch.equal(file.valid(), good)
    assert f"{len(bad)} of {SIZE} trajectories diverged and are marked invalid: {', '.join(map(str, bad))}" in caplog.text


def test_all_diverged(tmp_path):
    with pytest.raises(FloatingPointError, match=r"expected finite trajectories in .*train\.h5, got none of 10; take a smaller solver step"):
        generate(decay(explode_above=-1.0), tmp_path / "train.h5", size=SIZE, workers=0)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"size": 12}, "expected 12 trajectories, found 10; set `sizes.train` to what the file holds"),
        ({"seed": 4}, "expected seed 4, found seed 0; remove the file, or choose another `name`"),
        ({"split": "test"}, "expected split test, found split train"),
    ],
)
def test_an_existing_file_of_other_content_is_refused(reference, change, message):
    before = sha(reference)
    with pytest.raises(DataFileError, match=message):
        generate(decay(), reference, **{"size": SIZE, **change}, workers=0)
    assert sha(reference) == before


def test_an_existing_file_of_another_recipe_is_refused(reference):
    with pytest.raises(DataFileError, match=r"expected recipe.solver.explode_above 3.0, found recipe.solver.explode_above None; remove the file"):
        generate(decay(explode_above=3.0), reference, size=SIZE, workers=0)


def test_shards_of_different_recipes_are_not_merged(tmp_path):
    path = tmp_path / "train.h5"
    generate(decay(), path, size=SIZE, workers=0, shard=Shard(1, 2))
    with pytest.raises(DataFileError, match=r"shard-02-of-02\.h5: expected the recipe, seed and split of train\.shard-01-of-02\.h5, found others"):
        generate(decay(explode_above=3.0), path, size=SIZE, workers=0, shard=Shard(2, 2))


def test_two_processes_at_once(reference, tmp_path):
    """Both may compute everything; neither disturbs the other."""
    process = child(tmp_path, 0, sleep=0.0)
    generate(decay(), tmp_path / "train.h5", size=SIZE, workers=0)
    _, stderr = process.communicate(timeout=100)
    assert process.returncode == 0, stderr
    assert sha(tmp_path / "train.h5") == sha(reference)


def test_the_recipe_in_the_file_is_plain_json(reference):
    header = TrajectoryFile(reference).header
    assert json.loads(json.dumps(header.recipe)) == header.recipe
