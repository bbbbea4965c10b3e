"""Who speaks, how, and what they say besides. None of it holds a name, a number, a date or a quoted text: it must not
add a fact to a request."""

from __future__ import annotations

PERSONAS = (
    "a nurse who works nights",
    "a student on a tight budget",
    "a retired teacher",
    "a parent of small children",
    "a lawyer in a hurry",
    "the owner of a small shop",
    "an engineer who likes to be exact",
    "somebody who is new to all this",
    "a musician on tour",
    "a volunteer at a charity",
    "a farmer who is rarely online",
    "a journalist with a deadline",
    "a chef between shifts",
    "a photographer who works from home",
    "a caretaker of a big house",
    "a researcher with too much to do",
)

# Each with what it means, in words for a model.
STYLES = {
    "terse": "as few words as it takes, no greeting, no thanks",
    "polite": "courteous, with a please or a thank you",
    "chatty": "talkative, the way friends talk to each other",
    "formal": "formal, as in a business letter",
    "casual": "relaxed everyday language",
    "hurried": "of somebody who has no time, short clauses",
    "hesitant": "careful, of somebody who does not want to be a bother",
    "cheerful": "in a good mood, with an exclamation perhaps",
    "blunt": "direct, orders without softening words",
    "businesslike": "matter-of-fact, as among colleagues",
    "old-fashioned": "courteous in an old-fashioned way",
    "precise": "exact and complete sentences, no small talk",
    "weary": "a little tired, of somebody who wants it to be over",
}

DISTRACTORS = (
    "I have been putting this off for ages.",
    "My coffee is getting cold already.",
    "It is raining cats and dogs over here.",
    "Sorry if I sound a bit scattered.",
    "Somebody next door is playing the piano again.",
    "I hope all is well with you.",
    "It has been a long week.",
    "I always forget how this works.",
    "The cat is asleep on my keyboard.",
    "I am typing this on my phone.",
    "I have never been good at such things.",
    "The line here is not moving at all.",
    "A neighbour told me that you are good at this.",
    "I am still half asleep.",
)
