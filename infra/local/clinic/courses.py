"""What happened to whom: the labs of the last years, steered so that a story can be seen."""

from dataclasses import dataclass

from infra.local.clinic.people import MAIN_MRN


@dataclass(frozen=True)
class Trend:
    """The values one analyte moves through, spread evenly over the visits."""

    loinc: str
    points: tuple[float, ...]


@dataclass(frozen=True)
class Course:
    """One panel, repeated. `days` run back from today, or on from birth for a newborn.

    `answers` (LOINC, word) hold for the last visit, as do `was_preliminary` and `was_corrected`.
    """

    mrn: str
    panel: str
    days: tuple[int, ...]
    trends: tuple[Trend, ...] = ()
    answers: tuple[tuple[str, str], ...] = ()
    from_birth: bool = False
    was_preliminary: bool = False
    was_corrected: bool = False


_INFECTED_URINE = (
    ("5767-9", "CLOUDY"), ("5794-3", "1+"), ("5802-4", "POSITIVE"), ("5799-2", "2+"),
    ("5821-4", "20-40"),
)  # fmt: skip

_COURSES = (
    Course(
        MAIN_MRN, "a1c", (1260, 1080, 900, 700, 520, 330, 150, 45),
        (Trend("4548-4", (9.6, 9.1, 8.2, 7.6, 7.3, 7.4, 7.0, 6.8)),
         Trend("2345-7", (212, 176, 148, 139, 131))),
    ),
    Course(
        MAIN_MRN, "cmp", (1110, 730, 360, 60),
        (Trend("2345-7", (190, 155, 138, 129)), Trend("1742-6", (44, 38, 30, 25))),
    ),
    Course(
        MAIN_MRN, "lipid", (1110, 730, 360),
        (Trend("2093-3", (242, 205, 171)), Trend("2571-8", (210, 172, 141)),
         Trend("2085-9", (43, 46, 51))),
    ),
    Course(MAIN_MRN, "uacr", (700, 150), (Trend("14957-5", (4.8, 2.6)), Trend("2161-8", (110,)))),
    Course(
        "RB10002", "bmp", (1190, 950, 720, 480, 240, 60),
        (Trend("2160-0", (1.18, 1.27, 1.41, 1.52, 1.70, 1.86)), Trend("3094-0", (19, 24, 31)),
         Trend("2823-3", (4.4, 5.4))),
    ),
    Course("RB10002", "cbc", (950, 480, 60), (Trend("718-7", (13.3, 12.4, 11.5)),)),
    Course("RB10002", "inr", (130, 95, 60, 25), (Trend("6301-6", (2.2, 5.3, 2.7, 2.4)),)),
    Course(
        "RB10003", "cbc", (560, 440, 320, 200, 70),
        (Trend("718-7", (8.9, 10.2, 11.4, 12.3, 12.9)), Trend("787-2", (69, 74, 80, 85, 88)),
         Trend("786-4", (30.4, 31.4, 32.6, 33.2, 33.4)), Trend("788-0", (18.6, 17.2, 15.4, 13.6)),
         Trend("777-3", (455, 330, 290))),
    ),
    Course(
        "RB10003", "iron", (560, 320, 70),
        (Trend("2498-4", (19, 48, 82)), Trend("2500-7", (468, 402, 345)),
         Trend("2276-4", (4, 18, 47))),
    ),
    Course("RB10004", "covid", (310,)),
    Course("RB10004", "strep", (120,), answers=(("78012-2", "POSITIVE"),)),
    Course("RB10004", "ct_gc", (20,)),
    Course("RB10005", "lead", (430, 250, 80), (Trend("10368-9", (7.8, 4.6, 2.7)),)),
    Course("RB10005", "cbc", (80,)),
    Course(
        "RB10006", "lipid", (760, 400, 90),
        (Trend("2093-3", (228, 219, 206)), Trend("2571-8", (260, 214, 168)),
         Trend("2085-9", (36, 38, 42))),
    ),
    Course("RB10006", "cmp", (90,), (Trend("1742-6", (61,)), Trend("1920-8", (46,)))),
    Course("RB10007", "vitamin_d", (800, 600, 390, 110), (Trend("1989-3", (13, 19, 27, 36)),)),
    Course("RB10007", "hepatitis_c", (390,)),
    Course("RB10008", "psa", (1400, 1040, 680, 320, 35),
           (Trend("2857-1", (2.1, 2.6, 3.1, 3.9, 5.2)),)),
    Course("RB10008", "lipid", (320,), (Trend("2093-3", (178,)),)),
    Course("RB10009", "hcg", (250,), answers=(("2106-3", "POSITIVE"),)),
    Course("RB10009", "cbc", (230, 90), (Trend("718-7", (12.6, 11.2)),)),
    Course("RB10009", "ua", (90,), answers=(("20454-5", "1+"),)),
    Course(
        "RB10010", "bilirubin", (2, 3, 5, 9),
        (Trend("1975-2", (10.4, 14.8, 11.6, 5.9)), Trend("1968-7", (0.3,))), from_birth=True,
    ),
    Course(
        "RB10011", "tsh", (690, 600, 480, 300, 95),
        (Trend("3016-3", (14.8, 8.1, 5.2, 3.1, 2.2)), Trend("3024-7", (0.6, 0.9, 1.1, 1.3))),
    ),
    Course(
        "RB10012", "lipid", (900, 700, 420, 140),
        (Trend("2093-3", (278, 214, 189, 176)), Trend("2571-8", (186, 158, 140, 132)),
         Trend("2085-9", (41, 43, 44, 46))),
    ),
    Course("RB10012", "cmp", (700, 140), (Trend("1742-6", (52, 39)),)),
    Course("RB10013", "ua", (410, 31), answers=_INFECTED_URINE),
    Course("RB10013", "urine_culture", (31,), was_preliminary=True),
    Course(
        "RB10014", "bmp", (820, 540, 270, 28), (Trend("2823-3", (4.1, 3.8, 3.4, 5.9)),),
        was_corrected=True,
    ),
    Course("RB10015", "pathology", (200,)),
    Course("RB10015", "cbc", (210,)),
    Course("RB10015", "fermentation", (75,)),
    Course("RB10016", "inr", (180, 140, 100, 60, 18),
           (Trend("6301-6", (2.4, 1.6, 2.3, 2.8, 2.5)),)),
    Course("RB10016", "bmp", (400, 100), (Trend("2951-2", (133, 136)), Trend("2075-0", (98, 101)))),
    Course("RB10016", "chest_xray", (100,)),
    Course("RB10017", "hiv", (55,)),
    Course("RB10017", "ct_gc", (55,), answers=(("43304-5", "DETECTED"),)),
    Course("RB10017", "cmp", (300,)),
    Course("RB10018", "a1c", (870, 500, 130), (Trend("4548-4", (5.8, 6.0, 6.1)),
                                               Trend("2345-7", (104, 109, 112)))),
    Course("RB10018", "psa", (870, 130), (Trend("2857-1", (0.03, 0.02)),)),
    Course("RB10018", "stool", (130,)),
)  # fmt: skip


def courses() -> tuple[Course, ...]:
    return _COURSES
