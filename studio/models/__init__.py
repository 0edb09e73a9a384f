"""What weights exist, where they come from, under which licence, with which hash."""

from studio.models.errors import InstallStopped, ModelDamaged, ModelError, ModelNotInstalled, PackError, UnsafeFile
from studio.models.install import InstallProgress
from studio.models.library import Library, Model, Offer

__all__ = ["InstallProgress", "InstallStopped", "Library", "Model", "ModelDamaged", "ModelError", "ModelNotInstalled",
           "Offer", "PackError", "UnsafeFile"]
