"""What every store does: one suite, run against each (tests/stores/test_*.py)."""

from tests.stores.catalog_contract import CatalogContract
from tests.stores.floor_contract import FloorContract
from tests.stores.log_contract import LogContract
from tests.stores.restoring_contract import RestoringContract
from tests.stores.snapshot_contract import SnapshotContract

__all__ = ["StoreContract"]


class StoreContract(
    CatalogContract, LogContract, SnapshotContract, FloorContract, RestoringContract
):
    """Inherited by the tests of a store, which give the fixtures ``store`` and ``session``."""
