"""The words of the demo laboratory's written reports. All invented."""

URINE_CULTURE = """\
SOURCE: URINE, CLEAN CATCH MIDSTREAM
RESULT: >100,000 CFU/mL ESCHERICHIA COLI
SUSCEPTIBILITY:
  NITROFURANTOIN    SUSCEPTIBLE
  CEPHALEXIN        SUSCEPTIBLE
  TRIMETHOPRIM/SULFA RESISTANT
REPORT STATUS: FINAL"""

URINE_CULTURE_PRELIMINARY = """\
SOURCE: URINE, CLEAN CATCH MIDSTREAM
RESULT: >100,000 CFU/mL GRAM NEGATIVE RODS
IDENTIFICATION & SUSCEPTIBILITY TO FOLLOW
REPORT STATUS: PRELIMINARY"""

PATHOLOGY_HISTORY = "Smooth, movable 1.2 cm lump in the left breast, found at a routine visit."

PATHOLOGY_GROSS = """\
Received in formalin, labelled "left breast, 2 o'clock":
four cores of tan-white tissue, 0.9 to 1.4 cm long & 0.1 cm across.
All tissue is submitted in one cassette."""

PATHOLOGY_DIAGNOSIS = """\
LEFT BREAST, 2 O'CLOCK, CORE NEEDLE BIOPSY:
- Fibroadenoma.
- No atypia. No malignancy is seen.

Comment: the finding agrees with the ultrasound image | no further sampling is suggested."""

XRAY_FINDINGS = """\
TWO VIEWS OF THE CHEST. COMPARISON: NONE.
HEART SIZE IS AT THE UPPER LIMIT OF NORMAL.
THE LUNGS ARE CLEAR. NO PLEURAL FLUID & NO PNEUMOTHORAX.
MILD WEAR OF THE MID THORACIC SPINE."""

XRAY_IMPRESSION = "NO SIGN OF PNEUMONIA. NO CHANGE THAT NEEDS ACTION."

STOOL_PDF = """\
Stool blood screen (immunochemical)
Hemoglobin from the lower bowel: see the result sent with this report.
Method: one sample, cut-off 100 ng/mL.
A negative screen is usually repeated after one year."""
