"""What `make cost` prints: a table to read, or a document for machines."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cost.bill import Bill, bill, limits
from cost.calls import Measurement
from cost.design import Assumptions, Design
from cost.environments import Pair, shared_units
from cost.free_tier_check import FREE_EXCHANGES
from cost.price_book import PriceBook

_COLUMNS = ("SQS", "Lambda", "DynamoDB", "Logs")
_LIMITS_SHOWN = 3


@dataclass(frozen=True)
class Report:
    """What was asked, and everything the answer is made from."""

    designs: Sequence[Design]
    exchanges: Sequence[int]
    region: str
    book: PriceBook
    counted: Measurement
    assumptions: Assumptions
    free_tier_violations: Sequence[str]
    pairs: Sequence[Pair]
    """Two environments in one account."""
    most_stored: Mapping[str, int]
    """Exchanges a month that what is deployed can store, by design."""
    usd_per_gbp: float

    def text(self) -> str:
        """Return it as a table, with what it rests on."""
        return "\n".join(
            [
                *self._table(),
                "",
                *self._ceilings(),
                "",
                *self._two(),
                "",
                *self._free_tier_check(),
                "",
                *self._assumed(),
            ]
        )

    def document(self) -> str:
        """Return it as JSON: amounts by meter, charges in US dollars, ceilings, assumptions."""
        rows = [
            {
                "exchanges": exchanges,
                "design": design.name,
                "usage": {meter: round(amount, 3) for meter, amount in sorted(design.usage(exchanges).items())},
                "charges_usd": {meter: round(charge, 4) for meter, charge in sorted(made.charges.items())},
                **self._totals(made),
            }
            for exchanges, design, made in self._bills()
        ]
        return json.dumps(
            {
                "region": self.region,
                "usd_per_gbp": self.usd_per_gbp,
                "idle_polls": self.assumptions.idle_polls,
                "months": rows,
                "free_up_to": {
                    design.name: {limit.name: limit.exchanges for limit in limits(design, self.book, self.region)}
                    for design in self.designs
                },
                "stores_up_to": dict(self.most_stored),
                "two_environments": [
                    {"dev": pair.dev, "prod": pair.prod, "table_units": dict(shared_units()), **self._of_pair(pair)}
                    for pair in self.pairs
                ],
                "free_tier_violations": list(self.free_tier_violations),
                "assumptions": self._assumptions(),
            },
            indent=2,
        )

    def _bills(self) -> list[tuple[int, Design, Bill]]:
        return [
            (exchanges, design, bill(design.usage(exchanges), self.book, self.region))
            for exchanges in self.exchanges
            for design in self.designs
        ]

    def _totals(self, made: Bill) -> dict[str, Any]:
        return {
            "aws_usd": round(made.aws, 4),
            "aws_gbp": round(made.aws / self.usd_per_gbp, 4),
            "cloudflare_usd": round(made.cloudflare, 4),
            "total_usd": round(made.aws + made.cloudflare, 4),
            "total_gbp": round((made.aws + made.cloudflare) / self.usd_per_gbp, 4),
        }

    def _table(self) -> list[str]:
        heads = (*_COLUMNS, "other", "AWS $", "AWS £", "Cloudflare $", "all £")
        lines = [
            f"A month in {self.region}, US dollars unless it says £ (1 GBP = {self.usd_per_gbp:.2f} USD)",
            "",
            f"{'exchanges':>12}  {'':9}" + "".join(f"{head:>13}" for head in heads),
        ]
        before = None
        for exchanges, design, made in self._bills():
            services = made.by_service()
            figures = [
                *(services[name] for name in _COLUMNS),
                sum(charge for name, charge in services.items() if name not in _COLUMNS),
                made.aws,
                made.aws / self.usd_per_gbp,
                made.cloudflare,
                (made.aws + made.cloudflare) / self.usd_per_gbp,
            ]
            label = "" if exchanges == before else f"{exchanges:,}"
            lines.append(f"{label:>12}  {design.name:9}" + "".join(f"{figure:>13.2f}" for figure in figures))
            before = exchanges
        return lines

    def _ceilings(self) -> list[str]:
        lines = ["Nothing is charged for traffic up to this many exchanges a month, and this is used up first:"]
        for design in self.designs:
            first, *later = limits(design, self.book, self.region)[:_LIMITS_SHOWN]
            then = "; ".join(f"{limit.name} at {limit.exchanges:,}" for limit in later)
            lines.append(f"  {design.name:9}{first.exchanges:>12,}  {first.name}   (then {then})")
        lines += ["", "What is deployed can store so many, evenly spread, whatever they cost (make simulate):"]
        return [*lines, *(f"  {name:9}{most:>12,}" for name, most in self.most_stored.items())]

    def _two(self) -> list[str]:
        units = shared_units()
        shares = " and ".join(f"{count} units for {name}" for name, count in units.items())
        lines = [f"Two environments in one account, all traffic in prod ({shares}):"]
        for pair in self.pairs:
            found = self._of_pair(pair)
            cost = f"${found['usd']:.2f} at {FREE_EXCHANGES:,} exchanges"
            lines.append(
                f"  dev {pair.dev:7} prod {pair.prod:7} {cost}; traffic adds nothing up to {found['free_up_to']:,}"
            )
        return lines

    def _of_pair(self, pair: Pair) -> dict[str, Any]:
        made = bill(pair.design.usage(FREE_EXCHANGES), self.book, self.region)
        first = limits(pair.design, self.book, self.region)[0]
        return {"usd": round(made.aws + made.cloudflare, 4), "free_up_to": first.exchanges}

    def _free_tier_check(self) -> list[str]:
        if not self.free_tier_violations:
            return ["10,000 exchanges a month cost £0 in both modes and in every Region of the price book."]
        return [
            "10,000 exchanges a month do not cost £0:",
            *(f"  - {sentence}" for sentence in self.free_tier_violations),
        ]

    def _assumed(self) -> list[str]:
        return ["What this rests on:", *(f"  - {line}" for line in self._assumptions())]

    def _assumptions(self) -> list[str]:
        counted = self.counted
        versions = ", ".join(f"{name} {version}" for name, version in counted.versions.items())
        sentences = f"""
calls counted on the embedded stack on {counted.counted_on} ({versions}); what is deployed read from the Terraform
plans and SAM templates in this folder

stream: Lambda's pollers receive nothing {self.assumptions.idle_polls:,.0f} times a month whatever the traffic
(IDLE_POLLS=; nobody has published a figure for FIFO: measure NumberOfEmptyReceives), and every message comes alone

drain: every run ends with a receive of nothing and may end with one batch that is not full, charged as a full one;
a receive finds ten messages of different groups where there are ten

{self.assumptions.ratings:g} ratings for each exchange (RATINGS=); each is one more message

functions take as long as on the machine of the count, times 1,769 MB over their memory, Lambda's share of a
processor; no cold starts

a message has {counted.message_bytes} bytes and an item {self.assumptions.item_bytes or counted.item_bytes:g}
(ITEM_BYTES=; what was asked in the count); up to 64 KB and 1 KB cost the same, storage excepted

one environment but where it says two, no other use of the account's free tiers, no alarm mails, three deployments of
each kept in S3; a webhook that does not answer, waited for in every report; the outbox used for
{self.assumptions.outbox_share:.0%} of the messages (Durable Objects of the free plan); every request takes
{self.assumptions.worker_cpu_milliseconds:g} ms of the Worker's processor

original: written down from its description, with 100 ms at 512 MB for each message assumed

not included: VAT, and data that people download from AWS themselves
"""
        return [" ".join(sentence.split()) for sentence in sentences.strip().split("\n\n")]
