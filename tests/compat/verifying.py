"""What verifiers go through together, so that they share the waiting, and what each is found to do."""

import time
from concurrent.futures import ThreadPoolExecutor

from house import LIFETIME, SHORT_LIFETIME, resource
from strangers import PROFILES
from tokens import bad_tokens, by_curl, with_header

# What recipes are told here, so that nobody waits for minutes; in seconds.
MAX_AGE, PAUSE = 14, 4
# How much later than it may a library still be counted as doing what it said.
SLACK = 3
# The longest that a verifier takes an expired token for a good one, in seconds: Spring allows a minute.
SKEW = 60
# How many tokens with unknown keys are shown, one after the other.
STORM = 30


class Verifying:
    def __init__(self, house, services, say):
        self.house, self.services, self.say = house, services, say
        self.found = {service.stranger.name: {"profiles": {}} for service in services}
        self.wrong = []
        self.pool = ThreadPoolExecutor(max_workers=max(len(services), 1))

    def complain(self, service, words):
        self.wrong.append(f"{service.name}: {words}")
        self.say(f"!! {service.name}: {words}")

    def note(self, service, **found):
        self.found[service.stranger.name] |= found

    def each(self, do, services=None) -> list:
        """Does something for all services at once."""
        services = self.services if services is None else services
        return list(zip(services, self.pool.map(do, services)))

    def tokens(self) -> dict:
        return {profile: self.house.token(resource(profile)) for profile in PROFILES}

    def ask_all(self, tokens, services=None) -> list:
        return self.each(lambda service: service.ask(tokens[service.profile]), services)

    def profiles(self):
        """Which profiles each accepts, and that it refuses what must be refused. Ends with those that the docs name."""
        self.say("right and wrong tokens, of each profile")
        bad = bad_tokens(self.house)
        up = dict(self.each(lambda service: service.wait()))
        right = {profile: by_curl(self.house, resource(profile)) for profile in PROFILES}

        def says(service) -> set:
            return {service.ask(token) for token in right[service.profile]} if up[service] else {"nothing"}

        for service, said in self.each(says):
            accepted = said == {200}
            self.found[service.stranger.name]["profiles"][service.profile] = accepted
            if not accepted and service.profile == service.stranger.profile:
                self.complain(service, f"answers {said} to right tokens: see {service.log}")
        for place in range(len(bad["standard"])):
            asked = [service for service in self.services if up[service]]
            for service, status in self.each(lambda service: service.ask(bad[service.profile][place][1]), asked):
                words, _, expected = bad[service.profile][place]
                if status == 200 or (self.accepts(service) and status != expected):
                    self.complain(service, f"answers {status} to a token: {words}")
        named = [service for service in self.services if service.profile == service.stranger.profile and up[service]]
        others = {one.stranger: one for one in self.services if one not in named and self.accepts(one)}
        self.others = list(others.values())
        for service in self.services:
            if service not in named + self.others:
                service.stop()
        self.services = named

    def accepts(self, service) -> bool:
        return self.found[service.stranger.name]["profiles"].get(service.profile, False)

    def expiring(self):
        """A token that will have expired later."""
        self.house.set_lifetime(SHORT_LIFETIME)
        self.short = self.tokens()
        self.expired_at = time.monotonic() + SHORT_LIFETIME + SKEW + SLACK
        self.house.set_lifetime(LIFETIME)
        for service, status in self.ask_all(self.short):
            if status != 200:
                self.complain(service, f"answers {status} to a token that is about to expire")

    def rotation(self):
        """The keys rotate as planned: nobody may notice."""
        self.say("a rotation, while they run")
        old = self.tokens()
        self.house.publish_next()
        self.watch(old, MAX_AGE + SLACK, "while a new key is only published")
        self.house.let_a_day_pass()
        self.house.promote_next()
        for words, tokens in (("of the new key", self.tokens()), ("of the old key, after a rotation", old)):
            for service, status in self.ask_all(tokens):
                if status != 200:
                    self.complain(service, f"answers {status} to a token {words}")

    def watch(self, tokens, seconds, words):
        """Each second a token, as services in use are asked; all must be accepted."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            for service, status in self.ask_all(tokens):
                if status != 200:
                    self.complain(service, f"answers {status} {words}")
            time.sleep(1)

    def outage(self, meanwhile):
        """The issuer is away for longer than they keep its keys."""
        self.say("the issuer is away")
        tokens = self.tokens()
        self.ask_all(tokens)
        self.house.stop()
        said = {service: set() for service in self.services}
        ends = time.monotonic() + MAX_AGE + SLACK
        while time.monotonic() < ends:
            for service, status in self.ask_all(tokens):
                said[service].add(status)
            time.sleep(1)
        meanwhile()
        self.house.start()
        healed = self.await_each(tokens, PAUSE + MAX_AGE + SLACK)
        for service, statuses in said.items():
            refusals = sorted(statuses - {200})
            self.note(service, outage=refusals)
            if healed[service] is None:
                self.complain(service, "accepts nothing any more after an outage")
            elif healed[service] > PAUSE + SLACK:
                self.complain(service, f"came back only {healed[service]:.0f} s after the issuer")
            if refusals not in ([], [401], [503]):
                self.complain(service, f"answers {refusals} while the issuer is away")

    def await_each(self, tokens, patience) -> dict:
        """How long it takes each until it accepts its token; nothing when it does not."""
        began, took = time.monotonic(), dict.fromkeys(self.services)
        while None in took.values() and time.monotonic() < began + patience:
            waiting = [service for service, seconds in took.items() if seconds is None]
            for service, status in self.ask_all(tokens, waiting):
                if status == 200:
                    took[service] = time.monotonic() - began
            time.sleep(0.25)
        return took

    def unknown_keys(self):
        """Somebody shows tokens with keys that nobody knows: how often is the issuer asked? Some libraries ask for nothing
        more for a minute, so those who are asked here are others than afterwards, where there are others."""
        self.say("tokens with unknown keys")
        good = self.tokens()
        asked = {service.stranger.name: service for service in self.services + self.others}.values()
        self.ask_all(good, asked)
        time.sleep(PAUSE + 1)
        for service in asked:
            before = self.house.asked_for_keys()
            for number in range(STORM):
                status = service.ask(with_header(good[service.profile], kid=f"unknown-{number}"))
                if status not in (401, 503):
                    self.complain(service, f"answers {status} to a token with an unknown key")
            count = self.house.asked_for_keys() - before
            self.say(f"{service.name} asked {count} times")
            self.note(service, unknown=count)
            status = service.ask(good[service.profile])
            if status not in (200, 503):
                self.complain(service, f"answers {status} to a good token after many with unknown keys")
        for service in self.others:
            service.stop()

    def expiry(self):
        self.say("a token that has expired")
        time.sleep(max(0, self.expired_at - time.monotonic()))
        for service, status in self.ask_all(self.short):
            if status != 401:
                self.complain(service, f"answers {status} to a token that has expired")

    def emergency_in_silence(self):
        """Keys are withdrawn, and nobody shows a token of the new ones: how long do the old ones go on?"""
        self.say("an emergency rotation, and only old tokens")
        old = self.tokens()
        self.ask_all(old)
        self.house.emergency()
        ends = time.monotonic() + MAX_AGE + SLACK
        going_on = list(self.services)
        while going_on and time.monotonic() < ends:
            going_on = [service for service, status in self.ask_all(old, going_on) if status == 200]
            time.sleep(0.5)
        for service in self.services:
            self.note(service, silent="for ever" if service in going_on else "its age")

    def emergency_with_traffic(self, before, after):
        """The same while apps show new tokens: when are those accepted, and the old ones refused?"""
        self.say("an emergency rotation, and new tokens")
        time.sleep(PAUSE + 1)
        old = self.tokens()
        self.await_each(old, PAUSE + SLACK)
        time.sleep(PAUSE + 1)
        before("before an emergency rotation")
        self.house.emergency()
        took = self.await_each(self.tokens(), MAX_AGE + PAUSE + SLACK)
        then = dict(self.ask_all(old))
        after()
        ends = time.monotonic() + MAX_AGE + SLACK
        going_on = [service for service, status in then.items() if status == 200]
        while going_on and time.monotonic() < ends:
            going_on = [service for service, status in self.ask_all(old, going_on) if status == 200]
            time.sleep(0.5)
        for service, seconds in took.items():
            self.note(service, traffic="its age" if then[service] == 200 else "new token")
            self.say(f"{service.name}: {f'{seconds:.1f} s' if seconds is not None else 'never'}")
            if seconds is None:
                self.complain(service, "does not accept the new key after an emergency rotation")
            elif seconds > PAUSE + 2 * SLACK:
                self.complain(service, f"accepts the new key only {seconds:.0f} s after an emergency rotation")
            if service in going_on:
                self.complain(service, "goes on accepting a key that was withdrawn")
