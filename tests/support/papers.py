"""Pictures of nobody: a drawn face and drawn sheets of paper."""

from yizhengtong.project.demonstration.people import paper_jpeg, photo_jpeg

__all__ = ["paper_jpeg", "photo_jpeg"]
