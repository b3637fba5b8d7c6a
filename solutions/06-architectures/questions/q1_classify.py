"""6.1: which kind of network does a task need?"""

from grader.authoring import Case

from .plan import assignment

TASKS = [
    "image of a digit -> the digit",
    "number of a style -> a melody",
    "photo -> a caption",
    "film review -> one to five stars",
    "e-mail -> spam or not",
    "sentence -> for each word: part of a name or not",
    "video -> for each frame: what happens in it",
    "French sentence -> English sentence",
]


def form(entry, tasks):
    kinds = {"one-to-one", "one-to-many", "many-to-one", "many-to-many, equal lengths", "many-to-many, different lengths"}
    answers = entry(tasks)
    return {"the tasks that have an answer": sorted(answers), "every answer is one of the five kinds": all(kind in kinds for kind in answers.values())}


def kind_of(entry, tasks, place):
    return entry(tasks).get(tasks[place])


@assignment.question("classify", points=0.8)
def classify(draw):
    """Eight tasks, five kinds of network."""
    yield Case("one of the five kinds for each task", teaching=True, public=True, driver=form, tasks=TASKS)
    for place, task in enumerate(TASKS):
        yield Case(f"task {place}: {task}", points=0.1, driver=kind_of, tasks=TASKS, place=place)


@classify.mistake(
    "AC1", hint="You let a translation have as many words as its source.", where="Compare a sentence with its translation, word by word. Do the counts agree?"
)
def translates_word_by_word(tasks):
    kinds = {
        "image of a digit -> the digit": "one-to-one",
        "number of a style -> a melody": "one-to-many",
        "photo -> a caption": "one-to-many",
        "film review -> one to five stars": "many-to-one",
        "e-mail -> spam or not": "many-to-one",
        "sentence -> for each word: part of a name or not": "many-to-many, equal lengths",
        "video -> for each frame: what happens in it": "many-to-many, equal lengths",
        "French sentence -> English sentence": "many-to-many, equal lengths",
    }
    return {task: kinds[task] for task in tasks}


@classify.mistake(
    "AC2",
    hint="You answer once for a whole sentence where an answer is asked for at each word.",
    where="How many answers does a sentence of nine words need here?",
)
def tags_the_sentence_as_a_whole(tasks):
    kinds = {
        "image of a digit -> the digit": "one-to-one",
        "number of a style -> a melody": "one-to-many",
        "photo -> a caption": "one-to-many",
        "film review -> one to five stars": "many-to-one",
        "e-mail -> spam or not": "many-to-one",
        "sentence -> for each word: part of a name or not": "many-to-one",
        "video -> for each frame: what happens in it": "many-to-many, equal lengths",
        "French sentence -> English sentence": "many-to-many, different lengths",
    }
    return {task: kinds[task] for task in tasks}


@classify.mistake(
    "AC3", hint="You take a photo for a sequence.", where="How often does the network read, and how often does it write, when it describes a photo?"
)
def reads_a_photo_as_a_sequence(tasks):
    kinds = {
        "image of a digit -> the digit": "one-to-one",
        "number of a style -> a melody": "one-to-many",
        "photo -> a caption": "many-to-many, different lengths",
        "film review -> one to five stars": "many-to-one",
        "e-mail -> spam or not": "many-to-one",
        "sentence -> for each word: part of a name or not": "many-to-many, equal lengths",
        "video -> for each frame: what happens in it": "many-to-many, equal lengths",
        "French sentence -> English sentence": "many-to-many, different lengths",
    }
    return {task: kinds[task] for task in tasks}


@classify.mistake("AC4", hint="You take a melody for a single answer.", where="How many notes come out when one number goes in?")
def takes_a_melody_for_one_answer(tasks):
    kinds = {
        "image of a digit -> the digit": "one-to-one",
        "number of a style -> a melody": "one-to-one",
        "photo -> a caption": "one-to-many",
        "film review -> one to five stars": "many-to-one",
        "e-mail -> spam or not": "many-to-one",
        "sentence -> for each word: part of a name or not": "many-to-many, equal lengths",
        "video -> for each frame: what happens in it": "many-to-many, equal lengths",
        "French sentence -> English sentence": "many-to-many, different lengths",
    }
    return {task: kinds[task] for task in tasks}


@classify.mistake("AC5", hint="You take a review for a single input.", where="How does a text come into a recurrent network: at once or word by word?")
def takes_a_review_for_one_input(tasks):
    kinds = {
        "image of a digit -> the digit": "one-to-one",
        "number of a style -> a melody": "one-to-many",
        "photo -> a caption": "one-to-many",
        "film review -> one to five stars": "one-to-one",
        "e-mail -> spam or not": "many-to-one",
        "sentence -> for each word: part of a name or not": "many-to-many, equal lengths",
        "video -> for each frame: what happens in it": "many-to-many, equal lengths",
        "French sentence -> English sentence": "many-to-many, different lengths",
    }
    return {task: kinds[task] for task in tasks}


@classify.mistake("AC10", hint="You take an e-mail for a single input.", where="How does a text come into a recurrent network: at once or word by word?")
def takes_an_email_for_one_input(tasks):
    kinds = {
        "image of a digit -> the digit": "one-to-one",
        "number of a style -> a melody": "one-to-many",
        "photo -> a caption": "one-to-many",
        "film review -> one to five stars": "many-to-one",
        "e-mail -> spam or not": "one-to-one",
        "sentence -> for each word: part of a name or not": "many-to-many, equal lengths",
        "video -> for each frame: what happens in it": "many-to-many, equal lengths",
        "French sentence -> English sentence": "many-to-many, different lengths",
    }
    return {task: kinds[task] for task in tasks}


@classify.mistake(
    "AC6", hint="You answer once for a whole video where an answer is asked for at each frame.", where="How many answers does a video of 300 frames need here?"
)
def judges_the_video_as_a_whole(tasks):
    kinds = {
        "image of a digit -> the digit": "one-to-one",
        "number of a style -> a melody": "one-to-many",
        "photo -> a caption": "one-to-many",
        "film review -> one to five stars": "many-to-one",
        "e-mail -> spam or not": "many-to-one",
        "sentence -> for each word: part of a name or not": "many-to-many, equal lengths",
        "video -> for each frame: what happens in it": "many-to-one",
        "French sentence -> English sentence": "many-to-many, different lengths",
    }
    return {task: kinds[task] for task in tasks}


@classify.mistake("AC7", hint="The directions are exchanged: many-to-one reads many and writes one.", where="Which of the two words tells about the input?")
def reads_the_names_backwards(tasks):
    kinds = {
        "image of a digit -> the digit": "one-to-one",
        "number of a style -> a melody": "many-to-one",
        "photo -> a caption": "many-to-one",
        "film review -> one to five stars": "one-to-many",
        "e-mail -> spam or not": "one-to-many",
        "sentence -> for each word: part of a name or not": "many-to-many, equal lengths",
        "video -> for each frame: what happens in it": "many-to-many, equal lengths",
        "French sentence -> English sentence": "many-to-many, different lengths",
    }
    return {task: kinds[task] for task in tasks}


@classify.mistake("AC8", hint="The two kinds of many-to-many are exchanged.", where="In which of the tasks does every input get its own answer?")
def exchanges_the_two_kinds_of_many_to_many(tasks):
    kinds = {
        "image of a digit -> the digit": "one-to-one",
        "number of a style -> a melody": "one-to-many",
        "photo -> a caption": "one-to-many",
        "film review -> one to five stars": "many-to-one",
        "e-mail -> spam or not": "many-to-one",
        "sentence -> for each word: part of a name or not": "many-to-many, different lengths",
        "video -> for each frame: what happens in it": "many-to-many, different lengths",
        "French sentence -> English sentence": "many-to-many, equal lengths",
    }
    return {task: kinds[task] for task in tasks}


@classify.mistake("AC9", hint="You see a sequence in an image with one answer.", where="Is anything read step by step when a single image gets a single label?")
def sees_a_sequence_in_a_single_image(tasks):
    kinds = {
        "image of a digit -> the digit": "many-to-one",
        "number of a style -> a melody": "one-to-many",
        "photo -> a caption": "one-to-many",
        "film review -> one to five stars": "many-to-one",
        "e-mail -> spam or not": "many-to-one",
        "sentence -> for each word: part of a name or not": "many-to-many, equal lengths",
        "video -> for each frame: what happens in it": "many-to-many, equal lengths",
        "French sentence -> English sentence": "many-to-many, different lengths",
    }
    return {task: kinds[task] for task in tasks}
