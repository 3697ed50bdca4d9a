"""A real model behind a real OpenAI-compatible server (transformers serve): made, taught and asked here."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from rag_samples import check_answer
from scripted_chat import ScriptedChat, sentences

from ingest.prompts import load_prompt
from ingest.settings import ROOT, Settings
from ingest.token_count import open_counter
from rag.build import Assistant, open_assistant
from rag.types import Answer
from rag.write import Writer

pytestmark = pytest.mark.slow

QUESTION = "贷款贴息由谁牵头?"
REPLY = sentences(
    (
        "基础设施项目贷款的贴息由省财政厅牵头。",
        ["S1"],
        "对国家级经开区内符合贴息条件的基础设施项目贷款予以贴息",
    )
)
STEPS = 250


def prompt_for(assistant: Assistant, question: str) -> str:
    """The prompt that a model is given for a question."""
    chat = ScriptedChat(None)
    writer = Writer(
        chat=chat, prompt=load_prompt(ROOT / "prompts", "answer"), counter=open_counter(None), budget=3000
    )
    Assistant(assistant._index, replace(assistant._pipeline, writer=writer)).ask([question])
    return chat.prompts[0]


def teach(folder: Path, prompt: str, reply: str) -> None:
    """A two-layer Llama that knows one reply to one prompt by heart."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    bare = Tokenizer(models.BPE())
    bare.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bare.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=1500,
        special_tokens=["<end>", "<ask>", "<say>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    bare.train_from_iterator([prompt, reply], trainer)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=bare, eos_token="<end>", pad_token="<end>")
    tokenizer.chat_template = (
        "{% for message in messages %}<ask>{{ message['content'] }}{% endfor %}"
        "{% if add_generation_prompt %}<say>{% endif %}"
    )
    torch.manual_seed(0)
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(tokenizer),
            hidden_size=64,
            intermediate_size=128,
            num_hidden_layers=2,
            num_attention_heads=4,
            max_position_embeddings=4096,
            bos_token_id=None,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )
    asked = tokenizer(f"<ask>{prompt}<say>", return_tensors="pt").input_ids
    said = tokenizer(f"{reply}<end>", return_tensors="pt").input_ids
    ids = torch.cat([asked, said], dim=1)
    labels = ids.clone()
    labels[:, : asked.shape[1]] = -100
    optimiser = torch.optim.AdamW(model.parameters(), lr=5e-3)
    for _ in range(STEPS):
        loss = model(input_ids=ids, labels=labels).loss
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        if float(loss.detach()) < 0.005:
            break
    model.generation_config.max_new_tokens = 400
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


@pytest.fixture(scope="module")
def served(assistant: Assistant, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """(base URL, model name) of a running server whose model knows the reply to QUESTION."""
    folder = tmp_path_factory.mktemp("model") / "tiny"
    teach(folder, prompt_for(assistant, QUESTION), REPLY)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = (folder.parent / "log").open("w")
    command = [str(Path(sys.executable).with_name("transformers")), "serve", str(folder)]
    server = subprocess.Popen(
        [*command, "--host", "127.0.0.1", "--port", str(port), "--device", "cpu"],
        stdout=log,
        stderr=subprocess.STDOUT,
        env=os.environ | {"HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1"},
    )
    try:
        _wait(f"http://127.0.0.1:{port}/health", server, folder.parent / "log")
        yield f"http://127.0.0.1:{port}/v1", str(folder)
    finally:
        server.terminate()
        server.wait(20)
        log.close()


def _wait(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(240):
        assert server.poll() is None, log.read_text()[-2000:]
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except OSError:
            time.sleep(0.5)
    raise AssertionError(log.read_text()[-2000:])


def _ask(policy_data: Path, served: tuple[str, str], question: str, **more: object) -> Answer:
    url, model = served
    named = {"model": model, "model_base_url": url, "model_timeout_s": 120.0, "profile": "llm"} | more
    with open_assistant(Settings(_env_file=None, data=policy_data, **named)) as opened:  # type: ignore[arg-type]
        answer = opened.ask([question])
        check_answer(opened, answer)
    return answer


def test_a_local_model_writes_the_answer(policy_data: Path, served: tuple[str, str]) -> None:
    answer = _ask(policy_data, served, QUESTION)
    expected = json.loads(REPLY)["sentences"][0]["text"]
    assert answer.mode == "llm", answer.trace
    assert answer.text.startswith(expected)


def test_what_it_makes_up_for_another_question_is_not_shown(
    policy_data: Path, served: tuple[str, str]
) -> None:
    answer = _ask(policy_data, served, "招商引资由谁牵头?")
    assert answer.mode == "extractive"
    assert answer.departments.lead == ("省商务厅",)
