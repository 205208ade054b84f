"""Examples in the OpenAPI document: the calls that an AI agent's developer makes first."""

from drf_spectacular.utils import OpenApiExample


def _body(title: str, value: dict[str, object]) -> OpenApiExample:
    return OpenApiExample(title, value=value, request_only=True)


OPEN_A_CASE = [
    _body(
        "The first words of a customer",
        {"channel": "chat", "text": "I want to return my lamp.", "external_ref": "chat-4711"},
    ),
    _body(
        "A customer whom another system knows",
        {
            "channel": "email",
            "text": "Where is my order?",
            "customer": {"ref": "yusuf_rossi_9620", "name": "Yusuf Rossi"},
        },
    ),
]
PROPOSE = [
    _body(
        "A read that also identifies the customer",
        {
            "tool": "find_user_id_by_name_zip",
            "arguments": {"first_name": "Yusuf", "last_name": "Rossi", "zip": "19122"},
            "confidence": 0.97,
            "margin": 0.8,
        },
    ),
    _body(
        "A change that cites the details as listed and the yes",
        {
            "tool": "return_delivered_order_items",
            "arguments": {
                "order_id": "#W2378156",
                "item_ids": ["4602305039"],
                "payment_method_id": "credit_card_9513926",
            },
            "confidence": 0.97,
            "margin": 0.8,
            "rationale": "Delivered, and the refund goes to the card that paid.",
            "evidence": [
                "019ab000-0000-7000-8000-000000000001",
                "019ab000-0000-7000-8000-000000000002",
            ],
            "customer_paragraph": "I have requested the return; the label is in your mail.",
        },
    ),
]
EDIT = [
    _body(
        "One item less, as the customer said",
        {
            "arguments": {
                "order_id": "#W2378156",
                "item_ids": ["4602305039"],
                "payment_method_id": "credit_card_9513926",
            },
            "digest": "7c410be9" + "0" * 56,
            "reason": "The customer keeps the second item.",
        },
    ),
]
SAY = [
    _body("What the customer says now", {"speaker": "customer", "text": "Yes, please."}),
    _body(
        "What an AI agent said earlier, on the phone",
        {
            "speaker": "ai",
            "text": "I would return one item. Shall I?",
            "at": "2026-11-19T19:05:00Z",
        },
    ),
]
DISCLOSE = [
    _body("The only text there is, just now", {}),
    _body(
        "Played before the call was put through",
        {"language": "en", "at": "2026-11-19T19:04:30Z"},
    ),
]
VERIFY = [
    _body(
        "A claim of an AI agent, with the words that show it",
        {
            "level": "basic",
            "method": "order number and zip code",
            "evidence": ["019ab000-0000-7000-8000-000000000002"],
        },
    ),
]
#: What a waiting call answers, cut to what its caller looks at first.
WAIT_FOR_THE_END = [
    OpenApiExample(
        "It waits for a supervisor",
        value={
            "id": "019ab000-0000-7000-8000-000000000003",
            "case": "019ab000-0000-7000-8000-000000000000",
            "tool": "return_delivered_order_items",
            "arguments": {"order_id": "#W2378156", "item_ids": ["4602305039"]},
            "digest": "7c410be9" + "0" * 56,
            "step": "return",
            "state": "awaiting_approval",
            "state_reason": "The refund is above $500.00.",
            "refused": False,
            "confirmed": None,
            "result": None,
            "decision": {
                "id": "019ab000-0000-7000-8000-000000000004",
                "outcome": "approve",
                "reasons": ["The refund is above $500.00."],
                "rules": ["retail_returns:above_500"],
                "policies": {"retail_returns": 1},
            },
            "approval": {
                "id": "019ab000-0000-7000-8000-000000000005",
                "name": "AP-7",
                "state": "pending",
                "deadline_at": "2026-11-19T20:05:00Z",
                "reason": "",
            },
            "rejection": None,
            "sensitive": [],
            "edited_by": None,
            "edited_from": None,
            "replaced_by": None,
            "attempts": [],
            "created_at": "2026-11-19T19:05:00Z",
            "settled_at": None,
            "status_url": "/api/v1/tool-calls/019ab000-0000-7000-8000-000000000003/",
        },
        response_only=True,
        status_codes=["200"],
    ),
]
HAND_OVER = [
    _body(
        "To a colleague who knows the order, for half an hour",
        {
            "to": "019ab000-0000-7000-8000-000000000003",
            "until": "2026-11-19T19:30:00Z",
            "reason": "She spoke with this customer before.",
        },
    ),
]
BATCH = [
    _body(
        "Two equal requests, each with the digests that were read",
        {
            "vote": "approve",
            "votes": [
                {"id": f"019ab000-0000-7000-8000-00000000000{number}", **digests}
                for number, digests in (
                    (4, {"digest": "7c41" + "0" * 60, "view_digest": "52fd" + "0" * 60}),
                    (5, {"digest": "0be9" + "0" * 60, "view_digest": "a11c" + "0" * 60}),
                )
            ],
        },
    ),
]
#: What the requester of a rejected call is told, cut to what is new in it.
REJECTED = {
    "rejection": {
        "by": "Maren Osei",
        "at": "2026-11-19T19:12:00Z",
        "code": "wrong_amount",
        "reason": "The second item was not delivered.",
        "may_instead": [
            {
                "act": "check_amount",
                "says": "Read the order again, work the amount out anew, and propose that.",
            }
        ],
    }
}
WAIT_FOR_THE_END.append(
    OpenApiExample(
        "A person rejected it, and says why",
        value={
            **WAIT_FOR_THE_END[0].value,
            **REJECTED,
            "state": "rejected",
            "settled_at": "2026-11-19T19:12:00Z",
        },
        response_only=True,
        status_codes=["200"],
    )
)
