import unittest

from proof import has

import sooth
from test_program_itself import WithProgram

HAS = has("sklearn", "lightgbm", "pandas")
if HAS:
    import lightgbm
    import numpy
    import pandas
    from lightgbm import LGBMClassifier
    from sklearn.compose import make_column_transformer
    from sklearn.dummy import DummyClassifier
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    def people():
        """Rows with a missing number, and whether each of them buys."""
        random = numpy.random.default_rng(4)
        frame = pandas.DataFrame({
            "age": random.random(80) * 80, "fare": random.random(80) * 50,
            "port": random.choice(["Oslo", "Rome", "NA"], 80)})
        frame.loc[3, "age"] = numpy.nan
        return frame, random.choice(["no", "yes"], 80)

    def columns():
        numbers = make_pipeline(SimpleImputer(), StandardScaler())
        return make_column_transformer((numbers, ["age", "fare"]), (OneHotEncoder(), ["port"]))


@unittest.skipUnless(HAS, "there is no scikit-learn with LightGBM and pandas")
class Estimators(WithProgram):
    def test_a_pipeline_over_a_data_frame(self):
        frame, bought = people()
        model = make_pipeline(columns(), LogisticRegression()).fit(frame, bought)
        version = sooth.register(model, "people", example=frame.head(9))
        self.assertEqual((version.parity.rows, version.parity.values), (9, 18))
        self.assertLess(version.parity.rel_max, 1e-12)
        again = sooth.register(model, "people", example=frame.head(9).to_dict("records"))
        self.assertEqual((again.reference, again.new), (version.reference, False))

    def test_a_server_answers_as_the_model(self):
        frame, bought = people()
        model = make_pipeline(columns(), LogisticRegression()).fit(frame, bought)
        rows = frame.iloc[10:20]
        with sooth.serve(sooth.register(model, "people", example=rows)) as server:
            self.assertEqual(server.score(rows), model.predict(rows).tolist())
            ours = numpy.array(server.score(rows, method="predict_proba"))
        self.assertLess(numpy.abs(ours - model.predict_proba(rows)).max(), 1e-12)

    def test_trees_over_an_array(self):
        random = numpy.random.default_rng(0)
        rows = random.random((60, 4))
        model = LGBMClassifier(n_estimators=5, min_child_samples=2, verbose=-1)
        model.fit(rows, rows.sum(axis=1) > 2)
        parity = sooth.register(model, "trees", example=rows[:7]).parity
        self.assertEqual((parity.values, parity.equal), (14, 14))

    def test_rows_are_made_up_where_there_is_no_example(self):
        frame, bought = people()
        model = make_pipeline(columns(), LogisticRegression()).fit(frame, bought)
        parity = sooth.register(model, "people").parity
        self.assertIn("scikit-learn", parity.against)
        self.assertGreater(parity.values, 0)

    def test_boosters(self):
        rows = numpy.random.default_rng(0).random((60, 4))
        data = lightgbm.Dataset(rows, rows.sum(axis=1))
        model = lightgbm.train({"verbose": -1, "min_data_in_leaf": 2}, data, 5)
        parity = sooth.register(model, "boosted", example=rows[:7]).parity
        self.assertEqual((parity.values, parity.equal), (7, 7))

    @unittest.skipUnless(has("xgboost"), "there is no XGBoost")
    def test_a_booster_of_xgboost(self):
        import xgboost

        rows = numpy.random.default_rng(0).random((60, 4))
        labels = numpy.digitize(rows.sum(axis=1), [1.7, 2.3])
        settings = {"objective": "multi:softprob", "num_class": 3, "max_depth": 3}
        model = xgboost.train(settings, xgboost.DMatrix(rows, labels), 5)
        parity = sooth.register(model, "xgboost", example=rows[:7]).parity
        self.assertEqual((parity.values, parity.equal), (21, 21))
        parity = sooth.register(model, "xgboost").parity
        self.assertEqual((parity.values, parity.equal), (48, 48))
        frame = pandas.DataFrame({"size": rows[:, 0], "kind": pandas.Categorical(["a", "b", "c"] * 20)})
        data = xgboost.DMatrix(frame, rows[:, 1], enable_categorical=True)
        model = xgboost.train({"max_depth": 2}, data, 4)
        parity = sooth.register(model, "kinds", example=frame.head(6)).parity
        self.assertEqual((parity.values, parity.equal), (6, 6))

    def test_texts(self):
        model = make_pipeline(TfidfVectorizer(), LogisticRegression())
        model.fit(["a bad day", "a good day", "good night", "bad night"], [0, 1, 1, 0])
        self.assertEqual(sooth.register(model, "t", example=["good day", "NA", ""]).parity.rows, 3)

    def test_answers_of_another_model_are_a_conflict(self):
        frame, bought = people()
        model = make_pipeline(columns(), LogisticRegression()).fit(frame, bought)
        other = numpy.full((2, 2), 0.5)
        with self.assertRaises(sooth.SoothError) as caught:
            sooth.register(model, "people", example=frame.head(2), expected=other)
        self.assertEqual(caught.exception.exit_code, 4)

    def test_what_sooth_does_not_run_is_named(self):
        model = DummyClassifier(strategy="uniform").fit([[1.0], [2.0]], [0, 1])
        with self.assertRaises(sooth.SoothError) as caught:
            sooth.register(model, "line", example=[[1.0]])
        self.assertEqual(caught.exception.exit_code, 9)
        self.assertIn("DummyClassifier", str(caught.exception))
