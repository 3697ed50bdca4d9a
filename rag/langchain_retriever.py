"""The index as a LangChain retriever, for other LangChain programs.

retriever = PolicyRetriever(assistant=open_assistant(load_settings()), k=5)
retriever.invoke("贷款贴息")  # documents whose text is the clause as published
"""

from __future__ import annotations

from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever

from rag.build import Assistant


class PolicyRetriever(BaseRetriever):
    """Clauses for a query, best first, with document, article and bodies as metadata."""

    assistant: Any
    k: int = 5

    def _get_relevant_documents(  # the name and arguments are LangChain's
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,  # noqa: ARG002
    ) -> list[Document]:
        assert isinstance(self.assistant, Assistant)
        return [
            Document(
                page_content=hit.clause.clause.text,
                metadata={
                    "document_id": hit.clause.document_id,
                    "path": list(hit.clause.clause.path),
                    "article": hit.clause.clause.article,
                    "heading": hit.clause.clause.heading,
                    "lead": [name for duty in hit.clause.clause.responsibilities for name in duty.lead],
                    "cooperating": [
                        name for duty in hit.clause.clause.responsibilities for name in duty.cooperating
                    ],
                    "score": hit.score,
                },
            )
            for hit in self.assistant.search(query, self.k)
        ]
