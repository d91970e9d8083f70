"""The web service: items of the knowledge base and chat over the engine."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request
from pydantic import BaseModel, Field, validator

from api.problems import install_problems
from bot.runtime.engine import Engine
from bot.settings import Settings
from knowledge.export import export_base, export_item


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("the text is blank")
    return text


def _one_line(name: str) -> str:
    # In a pattern $ also admits a line break at the end.
    if name != name.strip():
        raise ValueError("a session's name has no blanks")
    return name


class ChatRequest(BaseModel):
    """One message of one session."""

    session_id: str = Field(min_length=1, max_length=64, regex=r"^[A-Za-z0-9_.:-]+$", example="a1b2c3")
    text: str = Field(min_length=1, max_length=500, example="社保卡丢了怎么补")

    _says_something = validator("text", allow_reuse=True)(_not_blank)
    _is_one_line = validator("session_id", allow_reuse=True)(_one_line)


class UnderstandRequest(BaseModel):
    """A message to understand without a session."""

    text: str = Field(min_length=1, max_length=500, example="社保卡丢了怎么补")

    _says_something = validator("text", allow_reuse=True)(_not_blank)


def _engine(request: Request) -> Engine:
    engine: Engine = request.app.state.engine
    return engine


EngineAtHand = Annotated[Engine, Depends(_engine)]

router = APIRouter(prefix="/api/v1")


@router.post("/chat")
async def chat(message: ChatRequest, engine: EngineAtHand) -> dict[str, Any]:
    """Lead one turn of a conversation."""
    turn = await engine.turn(message.session_id, message.text, channel="web")
    return {"session_id": turn.pop("session"), **turn}


@router.post("/understand")
async def understand(message: UnderstandRequest, engine: EngineAtHand) -> dict[str, Any]:
    """Understand a message by itself."""
    return (await engine.understand(message.text)).as_json()


@router.get("/items")
async def items(engine: EngineAtHand) -> dict[str, Any]:
    """Return the whole knowledge base."""
    return export_base(engine.services.base)


@router.get("/items/{item_id}")
async def item(item_id: str, engine: EngineAtHand) -> dict[str, Any]:
    """Return one item with its facts."""
    found = engine.services.base.by_id.get(item_id)
    if found is None:
        raise HTTPException(404, "no such item")
    return export_item(found)


def create_app(engine: Engine, settings: Settings) -> FastAPI:
    """Wire the service around a running engine."""
    app = FastAPI(title="Social insurance guide", version="1", docs_url=None, redoc_url=None)
    app.state.engine = engine
    app.state.settings = settings
    install_problems(app)
    app.include_router(router)

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        """Tell that the process is alive."""
        return {"status": "ok"}

    return app
