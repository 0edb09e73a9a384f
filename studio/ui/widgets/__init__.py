"""The shared small controls. Every constructor takes the theme first, then the name that a screen reader says."""

from studio.ui.widgets.base import Fade, Themed, box, tooltip
from studio.ui.widgets.buttons import BaseButton, Chip, IconButton, PushButton, ToolButton
from studio.ui.widgets.choice import Check, Choice, Option, Switch
from studio.ui.widgets.focus import FocusRing
from studio.ui.widgets.fold import FoldSection
from studio.ui.widgets.labels import ElidedLabel, Keycap, Label, Separator, Tag, key_text, paint_keycap, paint_tag
from studio.ui.widgets.media import RESULT_MIME, MediaWell
from studio.ui.widgets.notices import EmptyState, ErrorCard, Icon, Notice, announce
from studio.ui.widgets.number import NumberField, Slider, SliderField
from studio.ui.widgets.popup import Card, Menu, Popup, paint_shadow
from studio.ui.widgets.ring import Ring, paint_ring
from studio.ui.widgets.segmented import Segment, Segmented, TabBar
from studio.ui.widgets.text import SeedField, TextArea, TextField

__all__ = [
    "RESULT_MIME", "BaseButton", "Card", "Check", "Chip", "Choice", "ElidedLabel", "EmptyState", "ErrorCard", "Fade",
    "FocusRing", "FoldSection", "Icon", "IconButton", "Keycap", "Label", "MediaWell", "Menu", "Notice", "NumberField",
    "Option", "Popup", "PushButton", "Ring", "SeedField", "Segment", "Segmented", "Separator", "Slider", "SliderField",
    "Switch", "TabBar", "Tag", "TextArea", "TextField", "Themed", "ToolButton", "announce", "box", "key_text",
    "paint_keycap", "paint_ring", "paint_shadow", "paint_tag", "tooltip",
]
