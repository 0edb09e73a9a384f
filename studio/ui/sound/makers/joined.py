"""The panels of the Sound workspace that ask generators, joined to the timeline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject
from PySide6.QtGui import QKeySequence, QShortcut

from studio.project.sound import Clip
from studio.ui.room import InspectorTab
from studio.ui.sound.captions.panel import CaptionsPanel
from studio.ui.sound.makers import asking
from studio.ui.sound.makers.clippanel import ClipPanel
from studio.ui.sound.makers.effects import EffectsPanel
from studio.ui.sound.makers.loudnesscard import LoudnessCard
from studio.ui.sound.makers.places import Places
from studio.ui.sound.makers.regioncard import RegionCard, fill_menu
from studio.ui.sound.pianoroll.desk import RollDesk
from studio.ui.sound.pianoroll.roll import PianoRoll
from studio.ui.sound.pianoroll.scores import Scores
from studio.ui.sound.voice.control import VoiceControl
from studio.ui.sound.voice.scenes import Scenes
from studio.ui.sound.voice.voices import speaks
from studio.ui.widgets.popup import Menu

if TYPE_CHECKING:
    from studio.ui.sound.room import SoundRoom

EFFECTS = (("sound.denoise", "Denoise"), ("sound.normalise", "Normalise"), ("sound.silence", "Remove silence"),
           ("sound.transcribe", "Transcribe to labels"), ("sound.to_midi", "Write down as notes"))


class Makers(QObject):
    """Attributes: loudness (card), card (of what is selected), places, voice and captions (tabs), scenes (of
    Write)."""

    voice: VoiceControl
    captions: CaptionsPanel
    scenes: Scenes

    def __init__(self, room: SoundRoom) -> None:
        super().__init__(room)
        self.room, self.pane, self.generating = room, room.pane, room.generating
        theme = room.theme
        self.loudness = LoudnessCard(theme)
        self.loudness.show_loudness(self.pane.loudness.found)
        self.pane.loudness.measured.connect(self.loudness.show_loudness)
        self.pane.level_changed.connect(self.loudness.meter.show_level)
        self.places = Places(self.generating, self.pane)
        self.card = RegionCard(self.pane, {"regenerate": self.regenerate, "vary": self.vary, "extend": self.extend,
                                           "denoise": lambda: self.effect("sound.denoise")},
                               self.generating.takes)
        self.scores = Scores(room.session, self._score_read)
        self.pane.timeline.clips.scores = self.scores
        self.roll = PianoRoll(self.pane, self.generating, self.scores)
        self.desk = RollDesk(self.pane, self.roll)
        self.generating.chosen_bars = self._bars
        self.clip_panel = ClipPanel(theme, self.pane.document)
        self.effects = EffectsPanel(theme, room.bench.pickers, lambda name, values: self.effect(name, **values))
        room.session.discovered.connect(self.effects.take)
        self.effects.take(room.session.discovery)
        self.voice = VoiceControl(room)
        self.captions = CaptionsPanel(self.pane)
        self.captions.transcribe_asked.connect(lambda: self.effect("sound.transcribe"))
        self.captions.export_asked.connect(room.exporting.ask_captions)
        self.generating.captioned.connect(self._captioned)
        self.scenes = Scenes(room, self.speak)
        self.voice.panel.scene.clicked.connect(lambda _=False: self.scenes.ask())
        self.pane.clip_activated.connect(self.open)
        self.pane.menus.more.append(self._extend_menu)
        keys = QShortcut(QKeySequence("Ctrl+Shift+R"), self.pane)
        keys.activated.connect(self.regenerate)

    def _bars(self, clip: Clip) -> tuple[int, int] | None:
        """The bars of a clip that are selected: in the piano roll, or by a stretch of time."""
        if self.roll.clip == clip.id:
            return None if self.roll.bars is None else (self.roll.bars[0] + 1, self.roll.bars[1])
        region, score = self.pane.document.chosen.region, self.scores(clip.score)
        if region is None or score is None:
            return None
        return asking.bars_of(clip, score, *asking.stretch_of(clip, region))

    def _score_read(self) -> None:
        self.pane.timeline.update()
        self.roll.refresh()

    def tabs(self) -> Sequence[InspectorTab]:
        return (InspectorTab("voice", "Voice", self.voice.panel), InspectorTab("clip", "Clip", self.clip_panel),
                InspectorTab("effects", "Effects", self.effects),
                InspectorTab("captions", "Captions", self.captions))

    def _captioned(self) -> None:
        """A transcript has come: show it."""
        self.room.bench.inspector.show_tab("captions")

    def show_captions(self) -> CaptionsPanel:
        """Bring the captions to the front."""
        self.room.bench.inspector.show()
        self.room.bench.inspector.show_tab("captions")
        return self.captions

    # ------------------------------------------------------------ speaking

    def speak(self, text: str, scene: str = "") -> None:
        """Speak a text with the voice that is chosen in the form, or else the usual one. scene: its title, where it is
        one of a manuscript."""
        draft = self.room.bench.composer.drafts["sound"]
        info = self.generating.find(draft.generator)
        if info is None or not speaks(info.schema):
            info = self.generating.speaker()
        if info is None:
            self.room.said.emit("No voice is installed: nothing can be spoken.")
            return
        values = self.voice.dressed(info, draft, text)
        props = info.schema.get("properties", {})
        self.generating.speak(text, info.id, {k: v for k, v in values.items() if k in props}, scene)

    def open(self, name: str) -> None:
        """A clip was double-clicked: its notes, or its sentence."""
        clip = self.pane.document.shown.find(name)
        if clip is not None and clip.score:
            self.desk.open(clip)
            return
        if clip is None or not clip.text:
            return
        self.voice.show_sentence(clip)

    # ------------------------------------------------------------ what the card and the menu do

    def _chosen(self) -> Clip | None:
        document = self.pane.document
        clip = asking.any_clip_of(document.shown, document.chosen)
        if clip is None:
            self.room.said.emit("Select a clip, or a stretch of one, first.")
        return clip

    def regenerate(self) -> None:
        """Sentences that the selection touches are spoken anew; bars of notes are written anew; else the clip is made
        again."""
        document, clip = self.pane.document, self._chosen()
        if clip is None:
            return
        region = document.chosen.region
        if clip.score:
            self.generating.fill_stretch(clip, *asking.stretch_of(clip, region))
            return
        touched = [clip] if region is None else document.shown.between(region.start, region.end, region.tracks)
        spoken = [one for one in touched if one.text]
        for one in spoken:
            self.generating.respeak(one, one.text)
        if not spoken:
            self.generating.again(clip)

    def vary(self) -> None:
        clip = self._chosen()
        if clip is None:
            return
        if clip.score:
            self.generating.compose(clip, "vary")
        elif clip.text:
            self.generating.respeak(clip, clip.text)
        else:
            self.generating.again(clip)

    def extend(self) -> None:
        clip = self._chosen()
        if clip is not None and clip.score:
            self.generating.compose(clip, "continue", bars=8)

    def effect(self, generator: str, **values: Any) -> None:
        clip = self._chosen()
        if clip is not None:
            self.generating.apply(generator, values, clip)

    def _extend_menu(self, menu: Menu, clip: Clip) -> None:
        menu.addSeparator()
        if clip.takes:
            fill_menu(menu.addMenu(f"Take {clip.take + 1} of {len(clip.takes)}"), self.generating.takes)
        if clip.text:
            menu.addAction("Speak again…").triggered.connect(lambda: self.open(clip.id))
        if clip.score:
            for title, task in (("Vary the notes", "vary"), ("Harmonise", "harmonise")):
                menu.addAction(title).triggered.connect(
                    lambda _=False, task=task: self.generating.compose(clip, task))
            menu.addAction("Edit the notes").triggered.connect(lambda: self.open(clip.id))
            menu.addAction("Go on for 8 bars").triggered.connect(
                lambda: self.generating.compose(clip, "continue", bars=8))
            return
        sub = menu.addMenu("Repair and change")
        for generator, title in EFFECTS:
            sub.addAction(title).triggered.connect(lambda _=False, g=generator: self.generating.apply(g, {}, clip))
