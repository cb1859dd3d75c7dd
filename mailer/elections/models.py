"""Tables of this room: elections as set up, counts as they came, results as said.

A snapshot and a result are written once; a trigger refuses to change them. Unknown
figures are NULL, never 0.
"""

from django.db import models
from django.db.models import F, Q


class Election(models.Model):
    """One polling day."""

    code = models.TextField(unique=True)
    name = models.TextField()
    polling_on = models.DateField(null=True)
    polls_close_at = models.DateTimeField(null=True)
    source = models.TextField(default="")
    previous = models.TextField(default="")  # "2021"
    set_up_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Party(models.Model):
    """A party in one election. An independent is a candidacy, never a party."""

    election = models.ForeignKey(Election, models.CASCADE, related_name="parties")
    name = models.TextField()
    short = models.TextField()
    colour = models.TextField()
    colour_dark = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["election", "short"], name="one_party_per_abbreviation"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PartyName(models.Model):
    """A way a source writes a party, folded: case, blanks and marks do not matter."""

    election = models.ForeignKey(Election, models.CASCADE, related_name="+")
    party = models.ForeignKey(Party, models.CASCADE, related_name="names")
    folded = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["election", "folded"], name="one_party_per_name"
            ),
        ]

    def __str__(self) -> str:
        return self.folded


class Council(models.Model):
    """A council to be elected: its size, and what it was before."""

    election = models.ForeignKey(Election, models.CASCADE, related_name="councils")
    place_code = models.TextField()
    name = models.TextField()
    seats = models.IntegerField()
    wards = models.IntegerField()
    stations_total = models.IntegerField()
    turnout_before_tenths = models.IntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["election", "place_code"], name="one_council_per_place"
            ),
            models.CheckConstraint(
                condition=Q(seats__gte=1, wards__gte=0, stations_total__gte=1)
                & Q(wards__lte=F("seats")),
                name="no_more_wards_than_seats",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SeatsBefore(models.Model):
    """What a party held after the election before; party NULL: independents."""

    council = models.ForeignKey(Council, models.CASCADE, related_name="before")
    party = models.ForeignKey(Party, models.CASCADE, null=True, related_name="+")
    seats = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["council", "party"],
                nulls_distinct=False,
                name="one_number_of_seats_before",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seats} before"


class Snapshot(models.Model):
    """One council's count as a source gave it. Written once."""

    council = models.ForeignKey(Council, models.CASCADE, related_name="snapshots")
    source = models.TextField()
    revision = models.IntegerField()
    as_at = models.DateTimeField()
    taken_at = models.DateTimeField()
    sha256 = models.TextField()  # of what it says and when
    said = models.TextField()  # the same without the time
    standing = models.TextField()  # order.Standing: shown, late, held …
    reason = models.TextField(default="")
    status = models.TextField()
    stations_in = models.IntegerField()
    stations_total = models.IntegerField()
    registered = models.IntegerField(null=True)
    voters = models.IntegerField(null=True)
    ward_cast = models.IntegerField(null=True)
    ward_spoilt = models.IntegerField(null=True)
    list_cast = models.IntegerField(null=True)
    list_spoilt = models.IntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["council", "revision"], name="one_snapshot_per_revision"
            ),
            models.UniqueConstraint(
                fields=["council", "source", "as_at", "sha256"],
                name="a_snapshot_is_taken_once",
            ),
            models.CheckConstraint(
                condition=Q(stations_in__gte=0)
                & Q(stations_in__lte=F("stations_total")),
                name="no_more_stations_in_than_there_are",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.council} as at {self.as_at}"


class Line(models.Model):
    """A party or one independent in a snapshot."""

    snapshot = models.ForeignKey(Snapshot, models.CASCADE, related_name="lines")
    party = models.ForeignKey(Party, models.PROTECT, null=True, related_name="+")
    candidate = models.TextField(default="")  # of an independent
    ward = models.TextField(default="")
    ward_votes = models.IntegerField(null=True)
    list_votes = models.IntegerField(null=True)  # NULL: it has no list here
    wards_won = models.IntegerField(null=True)
    seats = models.IntegerField(null=True)  # official

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(party=None) ^ Q(candidate=""),
                name="a_line_is_a_party_or_one_candidate",
            ),
        ]

    def __str__(self) -> str:
        return str(self.party or self.candidate)


class Result(models.Model):
    """What was said of a council: the frozen CouncilResult. Written once."""

    council = models.ForeignKey(Council, models.CASCADE, related_name="results")
    snapshot = models.OneToOneField(Snapshot, models.PROTECT, related_name="result")
    revision = models.IntegerField()
    status = models.TextField()
    as_at = models.DateTimeField()
    made_at = models.DateTimeField()
    corrects = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    frozen = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["council", "revision"], name="one_result_per_revision"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.council}, result {self.revision}"
