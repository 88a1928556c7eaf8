"""What clients go through together: they call a service with tokens that they get by themselves."""

from concurrent.futures import ThreadPoolExecutor

from running import until

CALLS = 5


class Calling:
    def __init__(self, house, callers, say):
        self.house, self.callers, self.say = house, callers, say
        self.found = {caller.name: {} for caller in callers}
        self.wrong = []
        self.pool = ThreadPoolExecutor(max_workers=max(len(callers), 1))

    def complain(self, caller, words):
        self.wrong.append(f"{caller.name}: {words}")
        self.say(f"!! {caller.name}: {words}")

    def call_all(self) -> list:
        return list(zip(self.callers, self.pool.map(lambda caller: caller.call(), self.callers)))

    def first_calls(self, strangers_key):
        """Each calls several times with the right key, and once with a wrong one."""
        self.say("apps call a service")
        for caller in self.callers:
            before = self.house.tokens_issued()
            said = [caller.call() for _ in range(CALLS)]
            if said != ["200"] * CALLS:
                self.complain(caller, f"calls end with {said}: see {caller.log}")
            self.found[caller.name]["tokens"] = self.house.tokens_issued() - before
        for caller, said in zip(self.callers, self.pool.map(lambda caller: caller.call(), strangers_key)):
            self.found[caller.name]["wrong_key"] = said
            if said in ("200", "it ended"):
                self.complain(caller, f"says {said!r} of a wrong key")
        for caller in strangers_key:
            caller.stop()

    def all_is_well(self, words):
        """Each call succeeds."""
        for caller, said in self.call_all():
            if said != "200":
                self.complain(caller, f"ends with {said!r} {words}")

    def meanwhile(self):
        """The issuer is away: what a call ends with does not matter, but the app must go on."""
        for caller, said in self.call_all():
            if said == "it ended":
                self.complain(caller, "ends when the issuer is away")

    def after_emergency(self):
        """Their tokens are void: how many calls fail?"""
        failed = dict.fromkeys(self.callers, 0)

        def works(caller):
            until(f"{caller.name}: a call that succeeds", lambda: self.counts(caller, failed), patience=20)

        for caller, _ in zip(self.callers, self.pool.map(works, self.callers)):
            self.found[caller.name]["failed"] = failed[caller]
            if failed[caller]:
                self.complain(caller, f"{failed[caller]} calls failed after an emergency rotation")

    @staticmethod
    def counts(caller, failed) -> bool:
        if caller.call() == "200":
            return True
        failed[caller] += 1
        return False
