"""The five journeys through the public API: what `make up` shows and tests/journeys assert."""

from yizhengtong.project.demonstration.journeys.checking import Checking
from yizhengtong.project.demonstration.journeys.jinan import Jinan
from yizhengtong.project.demonstration.journeys.qingyuan import Qingyuan
from yizhengtong.project.demonstration.journeys.settling import Settling
from yizhengtong.project.demonstration.journeys.steps import PARTNER, RESIDENT, STAFF, Resident
from yizhengtong.project.demonstration.officers import LIXIA, SHIZHONG
from yizhengtong.project.demonstration.receiving import receiving

__all__ = ["LIXIA", "PARTNER", "RESIDENT", "SHIZHONG", "STAFF", "Journeys", "Resident"]


class Journeys(Jinan, Qingyuan, Settling, Checking):
    """All journeys against one running server. Each returns what it ended with, for tests to look at."""

    def run(self, *, only_jinan: bool = False) -> None:
        """Tell all of them, or the main job alone, with a data platform that listens meanwhile."""
        with receiving(self.beside, self.officer("demo-zhejiang-supervisor")) as self.platform:
            holder, permit = self.tell_jinan()
            if only_jinan:
                return
            self.tell_checking(holder, permit)
            self.tell_qingyuan(self.tell_ruian())
            self.tell_settling()
