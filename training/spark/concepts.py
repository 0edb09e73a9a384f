"""Which emoji Spark learns, what they are called in captions, and how often each is shown."""

from __future__ import annotations

from pathlib import Path

SUBGROUPS = frozenset({
    "face-smiling", "face-affection", "face-glasses", "face-hat", "face-negative", "face-costume", "heart",
    "animal-mammal", "animal-bird", "animal-amphibian", "animal-reptile", "animal-marine", "animal-bug",
    "plant-flower", "plant-other", "food-fruit", "food-vegetable", "food-prepared", "food-asian", "food-sweet",
    "food-marine", "drink", "dishware", "place-geographic", "place-building", "place-religious", "place-other",
    "transport-ground", "transport-water", "transport-air", "hotel", "time", "sky-weather", "event", "award-medal",
    "sport", "game", "arts-crafts", "clothing", "sound", "music", "musical-instrument", "phone", "computer",
    "light-video", "book-paper", "money", "mail", "writing", "office", "lock", "tool", "science", "medical",
    "household", "other-object", "geometric",
})  # fmt: skip

# Emoji whose picture says little, or that only repeat another one.
LEFT_OUT = frozenset(
    s.strip()
    for s in """
grinning face with big eyes; grinning face with smiling eyes; beaming face with smiling eyes; grinning squinting face;
grinning face with sweat; rolling on the floor laughing; slightly smiling face; upside-down face; melting face;
smiling face; smiling face with halo; face blowing a kiss; kissing face; kissing face with closed eyes;
kissing face with smiling eyes; smiling face with tear; star-struck; face with monocle; nerd face; disguised face;
face with steam from nose; enraged face; face with symbols on mouth; smiling face with horns; skull and crossbones;
ogre; goblin; pile of poo; love letter; heart with arrow; heart with ribbon; growing heart; beating heart;
revolving hearts; two hearts; heart decoration; heart exclamation; mending heart; light blue heart; guide dog;
service dog; pig nose; ox; ewe; front-facing baby chick; dodo; wing; worm; microbe; mosquito; fly; cricket; cockroach;
wilted flower; rosette; empty nest; leaf fluttering in wind; sheaf of rice; pea pod; ginger root; flatbread;
stuffed flatbread; falafel; tamale; fondue; canned food; butter; rice cracker; curry rice; oden; fish cake with swirl;
moon cake; dango; custard; baby bottle; sake; clinking beer mugs; clinking glasses; tumbler glass; pouring liquid;
beverage box; mate; ice; amphora; landslide; mount fuji; beach with umbrella; desert; national park;
building construction; brick; houses; derelict house; house with garden; Japanese post office; post office; hospital;
bank; hotel; love hotel; convenience store; department store; Japanese castle; wedding; Tokyo tower; kaaba;
hindu temple; synagogue; foggy; sunrise; cityscape at dusk; bridge at night; hot springs; roller coaster; barber pole;
playground slide; railway car; high-speed train; metro; light rail; station; tram car; mountain railway; oncoming bus;
trolleybus; minibus; oncoming police car; oncoming taxi; oncoming automobile; articulated lorry; manual wheelchair;
motorized wheelchair; bus stop; motorway; railway track; oil drum; construction; horizontal traffic light; motor boat;
airplane departure; airplane arrival; seat; suspension railway; mountain cableway; aerial tramway; twelve-thirty;
one o’clock; one-thirty; two o’clock; two-thirty; three o’clock; three-thirty; four o’clock; four-thirty; five o’clock;
five-thirty; six o’clock; six-thirty; seven o’clock; seven-thirty; eight o’clock; eight-thirty; nine o’clock;
nine-thirty; ten-thirty; eleven o’clock; eleven-thirty; twelve o’clock; new moon; waxing crescent moon;
first quarter moon; waxing gibbous moon; waning gibbous moon; last quarter moon; waning crescent moon; new moon face;
first quarter moon face; last quarter moon face; milky way; sun behind small cloud; sun behind large cloud;
sun behind rain cloud; fog; wind face; cyclone; closed umbrella; umbrella on ground; snowman without snow; comet;
sparkler; firecracker; tanabata tree; pine decoration; Japanese dolls; carp streamer; wind chime;
moon viewing ceremony; red envelope; reminder ribbon; admission tickets; ticket; 1st place medal; 2nd place medal;
3rd place medal; cricket game; field hockey; lacrosse; martial arts uniform; goal net; flag in hole; running shirt;
curling stone; water pistol; slot machine; piñata; nesting dolls; spade suit; heart suit; diamond suit; club suit;
mahjong red dragon; flower playing cards; joker; performing arts; knot; sari; one-piece swimsuit; briefs; bikini;
woman’s clothes; folding hand fan; clutch bag; thong sandal; woman’s sandal; hair pick; prayer beads;
military helmet; muted speaker; speaker low volume; speaker medium volume; bell with slash; level slider;
control knobs; mobile phone with arrow; telephone receiver; pager; fax machine; low battery; trackball; computer disk;
dvd; film frames; camera with flash; videocassette; magnifying glass tilted right; diya lamp; bookmark tabs; label;
ledger; page with curl; page facing up; rolled-up newspaper; yen banknote; euro banknote; pound banknote;
money with wings; receipt; chart increasing with yen; e-mail; incoming envelope; envelope with arrow; outbox tray;
inbox tray; closed mailbox with lowered flag; open mailbox with raised flag; open mailbox with lowered flag;
ballot box with ballot; black nib; card index dividers; tear-off calendar; spiral notepad; spiral calendar; card index;
linked paperclips; card file box; round pushpin; open file folder; locked with pen; locked with key; pick;
hammer and pick; hammer and wrench; white cane; link; clamp; broken chain; petri dish; drop of blood; crutch; x-ray;
elevator; plunger; mouse trap; razor; lotion bottle; roll of paper; bubbles; cigarette; coffin; headstone;
funeral urn; hamsa; placard; identification card; black large square; white large square; black medium square;
white medium square; black medium-small square; white medium-small square; black small square; white small square;
small orange diamond; small blue diamond; diamond with a dot; radio button; white square button; black square button;
notebook with decorative cover; closed book; lab coat; safety vest; pot of food; shallow pan of food; cooking;
smiling face with open hands; mountain; globe with meridians; stadium; rock; volleyball; water wave; bento box
""".replace("\n", " ").split(";")
)


def _names() -> dict[str, tuple[str, ...]]:
    """Read names.txt: ``label: name; other name``."""
    lines = Path(__file__).with_name("names.txt").read_text("utf-8").splitlines()
    pairs = (line.split(": ", 1) for line in lines if line and not line.startswith("#"))
    return {label: tuple(names.split("; ")) for label, names in pairs}


NAMES = _names()

# The few people of version 0; all five skin tones of each are used, equally often.
PEOPLE = frozenset({
    "astronaut", "mage", "fairy", "mermaid", "ninja", "superhero", "cook", "farmer", "princess",
    "prince", "Santa Claus",
})  # fmt: skip
EXTRA = PEOPLE | {"globe showing Europe-Africa", "globe showing Americas", "world map", "brain", "eye"}

# What people type first: shown FAVOURITE_WEIGHT times as often as the rest.
FAVOURITE_WEIGHT = 5.0
FAVOURITES = frozenset(
    s.strip()
    for s in """
red apple; green apple; star; automobile; red heart; pink heart; orange heart; yellow heart; green heart; blue heart;
purple heart; black heart; deciduous tree; evergreen tree; palm tree; cat; cat face; dog; dog face; blossom; rose;
tulip; sunflower; house; rocket; fish; birthday cake; shortcake; cupcake; pizza; sun;
crescent moon; full moon; sailboat;
soccer ball; basketball; hot beverage; green book; blue book; orange book; crown; robot; dragon; mushroom; guitar; bird;
butterfly; bear; rabbit; fox; lion; tiger; panda; elephant; horse; unicorn; frog; turtle; whale; octopus; penguin; owl;
snail; honeybee; banana; strawberry; lemon; tangerine; pear; cherries; grapes; watermelon; pineapple; carrot; hamburger;
ice cream; soft ice cream; doughnut; cookie; bread; cheese wedge; airplane; locomotive; bus; delivery truck; bicycle;
ship; helicopter; castle; key; bell; balloon; wrapped gift; umbrella; cloud; rainbow; fire; snowflake; snowman;
high voltage; snow-capped mountain; volcano; ringed planet; ghost; alien; skull; gem stone; ring; top hat; light bulb;
candle; ten o’clock; camera; pencil; chair; hammer; dagger; shield; anchor; cactus; grinning face; teapot; lady beetle;
red circle; blue circle; green circle; yellow circle; red square; blue square; green square; red triangle pointed up;
globe showing Europe-Africa; teddy bear; flying saucer; musical note; tractor; duck; pig; cow; dolphin; crab;
jack-o-lantern
""".replace("\n", " ").split(";")
)


def wanted(label: str, subgroup: str) -> bool:
    """True when the emoji belongs to version 0."""
    return label in EXTRA or (subgroup in SUBGROUPS and label not in LEFT_OUT)


def names(label: str) -> tuple[str, ...]:
    """Caption names of an emoji, commonest first."""
    return NAMES.get(label, (label.lower().replace("’", "'"),))


def weight(label: str) -> float:
    """Relative number of times an emoji is shown."""
    return FAVOURITE_WEIGHT if label in FAVOURITES else 1.0
