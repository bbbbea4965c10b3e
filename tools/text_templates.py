"""What people write, by the kind of text: about a name of some kind, to a person, or in general.

Every text fits on one line without quotation marks. ``{}`` stands for the name.
"""

from __future__ import annotations

from typing import Final

ABOUT: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "message": {
        "person": (
            "Could you bring {} up to date before Friday?",
            "Please check with {} before we decide",
            "Let us meet with {} this week",
            "{} would like to join us, is that all right?",
        ),
        "place": (
            "I will be in {} next week, shall we meet there?",
            "The trip to {} is settled, details will follow",
            "Do you have any tips for {}?",
            "Let us talk about the plans for {} tomorrow",
        ),
        "room": ("We meet in {} this time", "Can you keep {} free for us on Thursday?", "See you in {}"),
        "file": (
            "Please have a look at {} when you can",
            "I have just updated {}",
            "{} is ready for your comments",
            "Could you check the numbers in {}?",
        ),
        "company": (
            "What do you think of {} at the moment?",
            "Let us talk about {} before the markets close",
            "I have been looking into {} and would like your view",
        ),
        "topic": (
            "Can we go through the {} tomorrow morning?",
            "Any news about the {}?",
            "I would like to move the {} up on our list",
        ),
    },
    "support": {
        "place": (
            "Can I change the departure of my trip to {} to the next morning?",
            "Please confirm that one checked bag is included on my trip to {}",
            "I would like an aisle seat on my flight to {}",
        ),
        "person": ("The name on the booking should read {}, please correct it",),
    },
    "comment": {
        "person": ("Well put, {} would agree", "{} told me the same last week"),
        "place": ("I felt the same when I was in {}", "{} is worth every mile", "Now I want to go to {} again"),
        "company": ("I have been watching {} for weeks as well", "Curious how {} will do this quarter"),
        "topic": ("Glad that somebody brings up the {}", "Where can I read more about the {}?"),
    },
    "post": {
        "person": ("Great conversation with {} today", "Grateful for the help of {} this week"),
        "place": (
            "Looking forward to {} next month",
            "Any tips for a weekend in {}?",
            "Already planning the next trip to {}",
            "Counting the days until {}",
        ),
        "file": ("Finally finished {} and it feels good", "A whole evening spent on {} and no regrets"),
        "company": ("Keeping an eye on {} this week", "Interesting times for {}", "What is everybody's view on {}?"),
        "topic": ("Good progress on the {} today", "Looking forward to the {}"),
    },
    "subject": {
        "person": ("Question about the work with {}", "Meeting with {}", "Update for {}"),
        "place": ("Trip to {}", "Plans for {}", "Question about {}"),
        "room": ("Meeting in {}", "Change of room to {}"),
        "file": ("New version of {}", "Question about {}", "Comments on {}"),
        "company": ("News about {}", "Contract with {}"),
        "topic": ("News about the {}", "Question about the {}", "Next steps for the {}"),
    },
    "title": {
        "person": ("Account of {} is locked", "New laptop for {}", "Access rights for {}"),
        "place": ("Problem with the booking for {}", "Wrong dates on the trip to {}", "Missing confirmation for {}"),
        "room": ("Projector in {} does not start", "Heating in {} is out of order", "No sound in {}"),
        "file": ("Cannot open {}", "{} shows old figures", "{} is missing its last page"),
        "company": ("Order for {} is stuck", "Wrong price shown for {}", "Missing statement for {}"),
        "topic": ("Follow-up to the {}", "Open questions about the {}"),
    },
    "event_title": {
        "person": ("Catch-up with {}", "Review with {}", "Introduction of {}"),
        "place": ("Planning the trip to {}", "Call with the office in {}"),
        "file": ("Review of {}", "Walk through {}"),
        "company": ("Call with {}", "Contract talks with {}"),
        "topic": ("Follow-up to the {}", "Next steps after the {}", "Preparation of the {}"),
    },
    "description": {
        "person": ("{} noticed it first and can show it.", "It only happens on the account of {}."),
        "place": ("It concerns the trip to {} and cannot wait long.", "The dates for {} do not match what I was sent."),
        "room": ("It concerns {}, and we need it again on Thursday.",),
        "file": ("It happens every time I open {}.", "The latest changes to {} seem to be lost."),
        "company": ("The figures for {} have not changed since this morning.", "It concerns the order for {}."),
        "topic": ("It came up while we were preparing the {}.", "It holds up our work on the {}."),
    },
    "resolution": {
        "person": ("Solved together with {} on the phone.", "{} has confirmed that it works again."),
        "place": ("The booking for {} was corrected and confirmed.",),
        "file": ("Restored {} from yesterday's backup.", "Replaced {} with a working copy."),
        "company": ("The order for {} went through on the second try.",),
    },
    "note": {
        "person": ("Call {} back on Monday", "Ask {} about the schedule"),
        "place": ("Book a hotel in {}", "Look up trains to {}"),
        "file": ("Check {} once more before sending it", "Ask for comments on {}"),
        "company": ("Watch {} for another week", "Read the latest report of {}"),
        "topic": ("Prepare the {}", "Write down the open points of the {}"),
    },
    "file_text": {
        "person": ("Questions for {}: schedule, budget, open points", "Agreed with {}: review on Thursday"),
        "place": ("Packing list for {}: charger, tickets, umbrella", "Plans for {}: museum, harbour walk, dinner"),
        "company": ("Watch list: {} and two others", "Notes on {}: steady quarter, new products in spring"),
        "topic": (
            "Open points of the {}: date, budget, guests",
            "Minutes of the {}: all agreed, next review in two weeks",
        ),
    },
    "review": {
        "place": ("We had a wonderful time in {}", "{} was quieter than expected, which we liked"),
        "person": ("{} was friendly and quick to help",),
        "company": ("{} was reliable from beginning to end",),
    },
    "reason": {
        "place": ("The trip to {} has been put off", "I cannot be in {} on that day"),
        "person": ("{} cannot make it", "{} asked for another date"),
        "topic": ("The {} has been moved",),
    },
}

TO: Final[dict[str, tuple[str, ...]]] = {
    "message": (
        "Do you have ten minutes for me this afternoon?",
        "Thank you for your help yesterday",
        "Could you send me the latest version by Friday?",
        "Shall we have lunch together on Thursday?",
        "The meeting starts half an hour later today",
    ),
}

GENERAL: Final[dict[str, tuple[str, ...]]] = {
    "message": (
        "The meeting starts half an hour later today",
        "Could you send me the latest version by Friday?",
        "Thank you for your help yesterday",
        "I will get back to you tomorrow morning",
    ),
    "support": (
        "I would like an aisle seat on this flight",
        "Please confirm that one checked bag is included",
        "My name is misspelled on the confirmation",
    ),
    "comment": ("Great point, thanks for sharing", "I had the same experience last week", "Looking forward to more"),
    "post": (
        "A good day for a long walk",
        "Finally finished the book that I had put off for months",
        "Fresh bread and an early morning, what else does one need",
    ),
    "subject": ("A short update", "Question about next week", "Before I forget", "Thanks for your help"),
    "title": ("Cannot sign in since this morning", "Request for a second monitor", "Report lacks the last month"),
    "event_title": ("Planning session", "Monthly review", "Project kick-off", "Team lunch"),
    "description": (
        "It worked yesterday and stopped this morning.",
        "Several colleagues on my floor see the same.",
        "It happens right after I sign in.",
    ),
    "resolution": ("The settings were corrected and tested.", "Installed the latest version.", "Solved on the phone."),
    "note": ("Call back on Monday", "Bring the signed form", "Ask about the schedule"),
    "file_text": (
        "Draft agenda for the Thursday review",
        "Milk, rice, lemons and coffee",
        "Open points: budget, dates, guest list",
    ),
    "review": ("Friendly people and quick help", "Good value, and we would come again"),
    "reason": ("My plans have changed", "I chose the wrong date"),
    "tag": ("#goodmorning", "#weekend", "#smallthings", "#planning"),
}
