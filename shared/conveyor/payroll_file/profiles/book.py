"""All profiles that there are: ours, and a department's own documents, which take the place of ours by code."""

import functools
import hashlib
from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict

from conveyor.kit.refusals import Invalid
from conveyor.payroll_file.profiles.document import Profile

OURS = Path(__file__).parent


class ProfileSettings(BaseSettings):
    """`CONVEYOR_PAYROLL_PROFILES_DIR`: a folder of documents like ours, read once at the first use."""

    model_config = SettingsConfigDict(env_prefix="CONVEYOR_", extra="ignore")

    payroll_profiles_dir: Path | None = None


@functools.cache
def all_profiles() -> dict[str, Profile]:
    """Every profile by its code. Raises pydantic's ValidationError naming what is wrong in a document."""
    own = ProfileSettings().payroll_profiles_dir
    return read_profiles(OURS) | (read_profiles(own) if own else {})


def read_profiles(folder: Path) -> dict[str, Profile]:
    """The documents of one folder."""
    documents = (path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.json")))
    return {profile.code: profile for profile in map(Profile.model_validate_json, documents)}


def profile_named(code: str) -> Profile:
    """The profile. Raises Invalid naming those that there are."""
    profile = all_profiles().get(code)
    if profile is None:
        known = ", ".join(sorted(all_profiles()))
        raise Invalid.field("/profile", f"must be one of {known}")
    return profile


def version_of(profile: Profile) -> str:
    """Short, and different for every different document: bytes stored under it are of exactly this document."""
    return hashlib.sha256(profile.model_dump_json().encode()).hexdigest()[:12]
