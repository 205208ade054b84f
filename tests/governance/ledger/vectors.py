"""The published vectors of the ledger's byte formats."""

LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
INCLUSION_0_OF_8 = [
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
]
CONSISTENCY_6_TO_8 = [
    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
]

C2SP_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
C2SP_NOTE = (
    "This is an example message.\n\n"
    "— example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n\n"
    "— PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)

#: RFC 8032 tests 1 and 2.
LOG_SEED = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
LOG_PUBLIC = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
WITNESS_SEED = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
ORIGIN = "orchestra.example/log"
LOG_VKEY = "orchestra.example/log+4c9ecdff+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea"
WITNESS_VKEY = "witness.example/w1+04d2d833+BD1AF8PoQ4lakrcKp00bfrycmCzPLsSWjMDNVfEq9GYM"
WITNESS_TIME = 1767323105
SIGNED_8 = (
    "orchestra.example/log\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n\n"
    "— orchestra.example/log "
    "TJ7N/7pjUeA/6fUYVB7EdprWVsICfW8ziyg80OejD7azTEarNoQgSMkH/7Lpb03ApIqSprPiEcLsW8AVGJ0l+iI+4Q0=\n"
)

SALT = bytes(range(32))
PAYLOADS = [
    {"channel": "chat"},
    {
        "args": {"amount_minor": 12500, "currency": "EUR", "order": "A-1001"},
        "tool": "refund.create",
    },
    {"digest": "4fd2ce9c67c4361b0f6a7c08540e2e053f9065034095c980025fd2812a9e5379"},
]
PAYLOAD_2 = (
    b'{"args":{"amount_minor":12500,"currency":"EUR","order":"A-1001"},"tool":"refund.create"}'
)
PAYLOAD_2_SHA256 = "4fd2ce9c67c4361b0f6a7c08540e2e053f9065034095c980025fd2812a9e5379"
EVENT_LEAVES = [
    (
        b'{"actor":{"id":"intake","kind":"system"},"at":"2026-01-02T03:04:05.000000Z","case":"c-1",'
        b'"kind":"case.opened","payload":'
        b'"5a3a8c904ad488a4a567564abab3e7a6e69a8d72f65fd60ea060db80cfb62cda","prev":"","seq":1,"v":1}'
    ),
    (
        b'{"actor":{"id":"bot-7","kind":"agent"},"at":"2026-01-02T03:04:06.000000Z","case":"c-1",'
        b'"kind":"tool.call.requested","payload":'
        b'"70db1ffb7e8ddec8a9ba9c5797261413898e86f3f485213f20df4abbee18b08d","prev":'
        b'"bacd7633c5c61d3fcc53c617701a146ac242aa389264dd226af92e629a7fb04b","seq":2,"v":1}'
    ),
    (
        b'{"actor":{"id":"u-12","kind":"human"},"at":"2026-01-02T03:05:00.000000Z","case":"c-1",'
        b'"kind":"approval.granted","payload":'
        b'"78acf264adcf9b86514657a9e662c67ed4305a466be6fe02d4a6956015b94813","prev":'
        b'"44a6f90e0f2588195dbe8511879b03d7b95e69c6fe251e86d8c6b6e34fa75679","seq":3,"v":1}'
    ),
]
EVENT_HASHES = [
    "bacd7633c5c61d3fcc53c617701a146ac242aa389264dd226af92e629a7fb04b",
    "44a6f90e0f2588195dbe8511879b03d7b95e69c6fe251e86d8c6b6e34fa75679",
    "2569d9daa59d82f04b8c0ac41466b09fe5fb21974e2534910cd076d74eb0b99b",
]
EVENT_ROOT = "53a862ea5b319c66cb3ea900b41468e2caf09f413724555adad04527d6770c99"
OFFLINE_PROOF = (
    "c2sp.org/tlog-proof@v1\nindex 1\n"
    "us12M8XGHT/MU8YXcBoUasJCqjiSZN0iavkuYpp/sEs=\n"
    "JWnZ2qWdgvBLjArEFGawn+X7IZdOJTSRDNB2106wuZs=\n\n"
    "orchestra.example/log\n3\nU6hi6lsxnGbLPqkAtBRo4srwn0E3JFVa2tBFJ9Z3DJk=\n\n"
    "— orchestra.example/log "
    "TJ7N/0z99csChc73k3MYFADnQ1W1kL3Rd7y4bO9BokKxIGczBxZVhszcpotzqCJG0mLFnMQye8csLtC2xslbffut8g8=\n"
    "— witness.example/w1 "
    "BNLYMwAAAABpVzXh3paI1Io5n85DOLqyNZVCYf8yYilJtp/EbxUAiTTGj42hHivBZ6ZiRxYbYpgIdT+0zuy0hOAQMEHfGy74dVx8Bw==\n"
)
