"""Built as of a past day from everything, a dental mart is what it was from what was known then.

The second warehouse is rolled back in its raw tables: rows that came later are gone, and what was
done, answered, paid or broken later is undone by OpenDental's own columns.
"""

from datetime import timedelta

import duckdb
import pytest

from as_of_support import built_twice, differences, past_days, roll_back
from carehouse.demo import opendental
from carehouse.settings import Settings
from conftest import clear, forget_settings
from insight_support import build_day, keep

DAYS = [opendental.AS_OF - timedelta(days=days) for days in (1, 17, 110, 365, 700)]
DENTAL = ["run", "--select", "path:models/intermediate/dental", "path:models/marts/dental"]

# Credits of dynamic payment plans are reckoned from today's rows, as in the program's historic run,
# so both warehouses are without.
ROLL_BACK = """
    delete from payplanlink;
    delete from claimproc where Status = 4 and least(DateEntry, DateCP) > $day;
    delete from claimproc where least(SecDateEntry, ProcDate) > $day;
    update claimproc set Status = 6, ClaimNum = 0, InsPayAmt = 0, ClaimPaymentNum = 0
        where Status in (0, 1) and ClaimNum in (
            select ClaimNum from claim where least(SecDateEntry, DateService) > $day
        );
    update claimproc set Status = if(Status = 1, 0, Status), InsPayAmt = 0, ClaimPaymentNum = 0,
        DateSuppReceived = '0001-01-01'
        where least(DateEntry, DateCP) > $day;
    update claimproc set ClaimPaymentNum = 0 where ClaimPaymentNum in (
        select ClaimPaymentNum from claimpayment where least(SecDateEntry, CheckDate) > $day
    );
    delete from claimpayment where least(SecDateEntry, CheckDate) > $day;
    delete from claim where least(SecDateEntry, DateService) > $day;
    update claim set ClaimStatus = 'U', DateSent = '0001-01-01', DateSentOrig = '0001-01-01',
        DateReceived = '0001-01-01'
        where ClaimStatus in ('S', 'R') and DateSentOrig > $day;
    update claim set ClaimStatus = 'S', DateReceived = '0001-01-01'
        where ClaimStatus = 'R' and DateReceived > $day;
    update claim set DateSent = DateSentOrig where DateSent > $day and DateSentOrig <= $day;
    delete from procedurelog where least(
        cast(SecDateEntry as date), if(DateTP > '1880-01-01', DateTP, '9999-12-31'),
        if(ProcDate > '1880-01-01', ProcDate, '9999-12-31'),
        if(DateEntryC > '1880-01-01', DateEntryC, '9999-12-31')
    ) > $day;
    update procedurelog set ProcStatus = 1
        where ProcStatus = 2 and least(ProcDate, DateEntryC) > $day;
    update appointment set AptStatus = 1 where AptStatus = 2 and cast(AptDateTime as date) > $day;
    update appointment set AptStatus = 1 where AptStatus = 5 and AptNum in (
        select AptNum from histappointment where HistApptAction in (2, 3)
        group by AptNum having min(cast(HistDateTStamp as date)) > $day
    );
    delete from histappointment where cast(HistDateTStamp as date) > $day;
    delete from appointment
        where least(cast(SecDateTEntry as date), cast(AptDateTime as date)) > $day;
    delete from paysplit where least(DateEntry, DatePay) > $day;
    delete from payment where least(DateEntry, PayDate) > $day;
    delete from adjustment where least(DateEntry, AdjDate) > $day;
    delete from commlog where cast(CommDateTime as date) > $day;
    delete from claimtracking where cast(DateTimeEntry as date) > $day;
    delete from claimsnapshot where cast(DateTEntry as date) > $day;
"""


@pytest.fixture(scope="module")
def everything(tmp_path_factory, parsed_home) -> Settings:
    base = tmp_path_factory.mktemp("as_of")
    opendental.generate(base, scale=0.3, seed=5)
    settings = clear(Settings(home=parsed_home))
    build_day(settings, base / "opendental", opendental.AS_OF)
    forget_settings()
    return keep(settings, base / "home")


@pytest.mark.parametrize("day", past_days(DAYS), ids=str)
def test_no_mart_knows_more_than_was_known_then(everything, tmp_path, day):
    def change(connection: duckdb.DuckDBPyConnection, is_then: bool) -> None:
        connection.execute("use raw_opendental")
        connection.execute("delete from payplanlink")
        if is_then:
            before = connection.execute("select count(*) from procedurelog").fetchone()
            roll_back(connection, ROLL_BACK, day)
            assert connection.execute("select count(*) from procedurelog").fetchone() <= before

    homes = built_twice(everything, tmp_path, day, DENTAL, change)
    compared, wrong = differences(*homes, "dental")
    assert compared > 30
    assert wrong == {}
