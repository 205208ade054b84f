"""A first governed call over plain HTTP, with the standard library alone."""

import json
import os
import sys
import time
import uuid
from http.client import HTTPException
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

BASE = os.environ.get("ORCHESTRA_URL", "http://127.0.0.1:8000")
TOKEN = os.environ["ORCHESTRA_TOKEN"]
TRIES = 5
#: What comes to its end without you; anything else is over, or waits for you or for a person.
GOES_ON = {"proposed", "ready", "executing", "awaiting_approval"}


def call(method, path, body=None):
    """Send one request; send it again, with the same key, where no answer came."""
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    if method == "POST":
        headers["Idempotency-Key"] = str(uuid.uuid4())
    data = None if body is None else json.dumps(body).encode()
    for attempt in range(TRIES):
        try:
            request = Request(f"{BASE}/api/v1/{path}", data, headers, method=method)
            with urlopen(request, timeout=60) as answer:
                return json.load(answer)
        except HTTPError as error:
            failure = error
            if error.code < 500:
                problem = json.load(error)
                failure = f"{problem['code']}: {problem['detail']} {problem['errors']}"
                if problem["code"] != "idempotency.still_running":
                    sys.exit(failure)
        except (URLError, HTTPException, TimeoutError) as error:
            failure = error
        time.sleep(2**attempt)
    sys.exit(f"No answer after {TRIES} tries: {failure}")


# 1. The customer's first words open a case; Orchestra says what they want and what is ready.
words = "I want to return the vacuum cleaner, the headphones and the smart watch I received."
case = call("POST", "cases/", {"channel": "chat", "text": words})["id"]
for journey in call("GET", f"cases/{case}/steps/")["journeys"]:
    ready = [step["title"] for step in journey["steps"] if step["state"] == "ready"]
    print(f"{journey['title']}: ready are {', '.join(ready)}")

# 2. A tool that only reads is allowed at once. This one also verifies who the customer is.
found = call(
    "POST",
    f"cases/{case}/tool-calls/",
    {
        "tool": "find_user_id_by_name_zip",
        "arguments": {"first_name": "Yusuf", "last_name": "Rossi", "zip": "19122"},
        "confidence": 0.99,
        "margin": 0.9,
    },
)
print("customer:", found["state"], found["result"])

# 3. What was said is recorded as it is said, and its ids are the evidence.
evidence = [
    call("POST", f"cases/{case}/messages/", {"speaker": speaker, "text": text})["id"]
    for speaker, text in (
        ("ai", "I would return three items for $1,285.12 to your credit card. Shall I?"),
        ("customer", "Yes, please."),
    )
]

# 4. A change is proposed. The policy decides: allow it, refuse it, or ask a person.
proposed = call(
    "POST",
    f"cases/{case}/tool-calls/",
    {
        "tool": "return_delivered_order_items",
        "arguments": {
            "order_id": "#W2378156",
            "item_ids": ["4602305039", "4202497723", "9408160950"],
            "payment_method_id": "credit_card_9513926",
        },
        "confidence": 0.99,
        "margin": 0.9,
        "rationale": "The customer asked for it and agreed; it was delivered.",
        "customer_paragraph": "I have requested the return.",
        "evidence": evidence,
    },
)
print("return:", proposed["state"], proposed["decision"]["reasons"])

# 5. Wait for the end. Each request is held for up to 25 seconds, so nothing is polled in vain.
while proposed["state"] in GOES_ON:
    proposed = call("GET", f"tool-calls/{proposed['id']}/?wait=25")
print("ended:", proposed["state"], proposed["state_reason"])
